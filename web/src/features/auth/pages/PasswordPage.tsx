import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { installationQuery, meKey } from '../../../session/me';
import { BrandSide } from '../parts/BrandSide';
import { PasswordForm } from '../parts/PasswordForm';
import styles from '../parts/SignIn.module.css';

/** A first password, or one that an administrator gave, must be changed before anything else. */
export function PasswordPage(): ReactElement {
  const { t } = useTranslation('auth');
  const installation = useQuery(installationQuery);
  const client = useQueryClient();
  const navigate = useNavigate();
  useEffect(() => {
    document.title = `${t('password.title')} · Nghị Sự`;
  }, [t]);
  const go = async () => {
    client.removeQueries({ queryKey: meKey });
    await navigate({ to: '/' });
  };
  return (
    <div className={styles['page']}>
      <BrandSide city={installation.data?.city_name ?? ''} />
      <main className={styles['side']}>
        <div className={styles['column']}>
          <h1 className={styles['title']}>{t('password.title')}</h1>
          <p className={styles['lead']}>{t('password.first')}</p>
          <PasswordForm onDone={() => void go()} />
        </div>
      </main>
    </div>
  );
}
