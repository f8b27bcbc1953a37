import { PasswordInput } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { clock } from '../../../lib/dates';
import { useProblem } from '../../../ui/useProblem';
import { needsStepUp, type Signing } from '../logic/useSigning';
import styles from './Sign.module.css';

/** The password once more: what stands above every button that signs. */
export function SigningFields({ signing }: { signing: Signing }): ReactElement {
  const { t } = useTranslation(['document', 'auth']);
  const problem = useProblem();
  const { proof } = signing;
  if (proof.until) {
    return (
      <p className={styles['proved']}>
        <IconCheck size={17} stroke={2} aria-hidden="true" />
        {t('sign.proved', { time: clock(proof.until) })}
      </p>
    );
  }
  const failed = proof.error ? asApiError(proof.error).field('password') || problem(proof.error).title : undefined;
  return (
    <PasswordInput
      label={t('sign.password')}
      description={t(needsStepUp(signing.error) ? 'sign.passwordAgain' : 'sign.passwordWhy')}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      size="md"
      autoComplete="current-password"
      visibilityToggleButtonProps={{ 'aria-label': t('auth:signIn.showPassword') }}
      value={signing.password}
      error={signing.passwordMissing ? t('sign.passwordMissing') : failed}
      onChange={(event) => signing.setPassword(event.currentTarget.value)}
    />
  );
}
