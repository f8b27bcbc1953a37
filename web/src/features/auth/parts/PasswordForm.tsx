import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { useCommand } from '../../../api/useCommand';
import { ProblemNote } from '../../../ui/ErrorState';
import { changePassword } from '../api/auth';
import styles from './SignIn.module.css';

/** Old password, new password twice. The server decides whether the new one is good enough. */
export function PasswordForm({ onDone }: { onDone: () => void }): ReactElement {
  const { t } = useTranslation('auth');
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [checked, setChecked] = useState(false);
  const change = useCommand({
    run: changePassword,
    onDone: () => {
      setCurrent('');
      setNext('');
      setAgain('');
      setChecked(false);
      onDone();
    },
  });
  const problem = change.error ? asApiError(change.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (current !== '' && next !== '' && next === again && !change.isPending) change.mutate({ current, next });
  };
  const show = { 'aria-label': t('common:showPassword') };
  return (
    <form className={styles['form']} onSubmit={submit} noValidate>
      <PasswordInput
        label={t('password.current')}
        autoComplete="current-password"
        visibilityToggleButtonProps={show}
        value={current}
        error={(checked && current === '' && t('password.currentMissing')) || problem?.field('current_password')}
        onChange={(event) => setCurrent(event.currentTarget.value)}
      />
      <PasswordInput
        label={t('password.next')}
        description={t('password.rule')}
        autoComplete="new-password"
        visibilityToggleButtonProps={show}
        value={next}
        error={(checked && next === '' && t('password.nextMissing')) || problem?.field('new_password')}
        onChange={(event) => setNext(event.currentTarget.value)}
      />
      <PasswordInput
        label={t('password.again')}
        autoComplete="new-password"
        visibilityToggleButtonProps={show}
        value={again}
        error={checked && next !== again && t('password.different')}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
      <ProblemNote error={change.error} />
      <div>
        <Button type="submit" size="lg" loading={change.isPending}>
          {t('password.submit')}
        </Button>
      </div>
    </form>
  );
}
