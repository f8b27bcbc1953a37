import { Button, Checkbox, PasswordInput, TextInput } from '@mantine/core';
import { IconPhone, IconShieldX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { chooseLanguage, languages } from '../../../i18n';
import { installationQuery } from '../../../session/me';
import { ProblemNote } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import { signIn } from '../api/auth';
import { BrandSide } from '../parts/BrandSide';
import { DemoAccounts } from '../parts/DemoAccounts';
import { InsecureNote } from '../parts/InsecureNote';
import styles from '../parts/SignIn.module.css';

/** The sign-in: account, password, and what a visitor of this installation must know. */
export function SignInPage(): ReactElement {
  const { t } = useTranslation('auth');
  const installation = useQuery(installationQuery);
  const form = useSignIn();
  useEffect(() => {
    document.title = `${t('signIn.title')} · Nghị Sự`;
  }, [t]);
  return (
    <div className={styles['page']}>
      <BrandSide city={installation.data?.city_name ?? ''} />
      <main className={styles['side']}>
        <div className={styles['column']}>
          <form className={styles['form']} onSubmit={form.submit} noValidate>
            <h1 className={styles['title']}>{t('signIn.title')}</h1>
            <TextInput
              label={t('signIn.username')}
              name="username"
              size="md"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              autoFocus
              value={form.username}
              error={form.missing && form.username.trim() === '' && t('signIn.usernameMissing')}
              onChange={(event) => form.setUsername(event.currentTarget.value)}
            />
            <PasswordInput
              ref={form.passwordRef}
              label={t('signIn.password')}
              name="password"
              size="md"
              autoComplete="current-password"
              visibilityToggleButtonProps={{ 'aria-label': t('common:showPassword') }}
              value={form.password}
              error={form.missing && form.password === '' && t('signIn.passwordMissing')}
              onChange={(event) => form.setPassword(event.currentTarget.value)}
            />
            <Checkbox
              label={t('signIn.shared')}
              checked={form.shared}
              onChange={(event) => form.setShared(event.currentTarget.checked)}
            />
            <ProblemNote error={form.error} />
            <Button type="submit" size="xl" fullWidth loading={form.pending}>
              {t('signIn.submit')}
            </Button>
            <Note tone="red" icon={IconShieldX}>
              <Trans t={t} i18nKey="signIn.noSecrets" components={{ b: <strong /> }} />
            </Note>
            {installation.data?.secure_context_hint && <InsecureNote />}
          </form>
          {installation.data && installation.data.demo_accounts.length > 0 && (
            <DemoAccounts accounts={installation.data.demo_accounts} onPick={form.pick} />
          )}
          <Footer phone={installation.data?.support_phone ?? ''} />
        </div>
      </main>
    </div>
  );
}

function Footer({ phone }: { phone: string }): ReactElement {
  const { t, i18n } = useTranslation('auth');
  return (
    <footer className={styles['footer']}>
      {phone && (
        <span className={styles['phone']}>
          <IconPhone size={16} stroke={1.7} aria-hidden="true" />
          {t('signIn.support')} <a href={`tel:${phone.replaceAll(/\s/g, '')}`}>{phone}</a>
        </span>
      )}
      {languages.map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          className={styles['language']}
          aria-pressed={i18n.language === language}
          onClick={() => void chooseLanguage(language)}
        >
          {t(`account.languages.${language}`, { ns: 'common' })}
        </button>
      ))}
    </footer>
  );
}

function useSignIn() {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [shared, setShared] = useState(false);
  const [missing, setMissing] = useState(false);
  const passwordRef = useRef<HTMLInputElement>(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const { next } = useSearch({ from: '/dang-nhap' });
  const attempt = useMutation({
    mutationFn: signIn,
    onSuccess: async () => {
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'installation' });
      if (next) router.history.push(next);
      else await navigate({ to: '/' });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const incomplete = username.trim() === '' || password === '';
    setMissing(incomplete);
    if (!incomplete && !attempt.isPending) attempt.mutate({ username: username.trim(), password, shared });
  };
  const pick = (account: { username: string; password: string }) => {
    setUsername(account.username);
    setPassword(account.password);
    passwordRef.current?.focus();
  };
  return {
    username,
    setUsername,
    password,
    setPassword,
    shared,
    setShared,
    missing,
    passwordRef,
    submit,
    pick,
    error: attempt.error,
    pending: attempt.isPending,
  };
}
