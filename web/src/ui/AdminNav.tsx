import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useHasRole } from '../session/me';
import styles from './AdminNav.module.css';

/** The views of administration that the appointment may open; actions of the page stand at the right. */
export function AdminNav({ children }: { children?: ReactNode }): ReactElement {
  const { t } = useTranslation('org');
  const manages = useHasRole('agency_admin', 'system_admin');
  const system = useHasRole('system_admin');
  const audits = useHasRole('auditor', 'system_admin', 'agency_admin');
  return (
    <div className={styles['bar']}>
      <nav className={styles['views']} aria-label={t('nav.label')}>
        {manages && (
          <Link to="/quan-tri/co-quan" className={styles['view']}>
            {t('nav.agencies')}
          </Link>
        )}
        {system && (
          <Link to="/quan-tri/nhap-du-lieu" className={styles['view']}>
            {t('nav.import')}
          </Link>
        )}
        {system && (
          <Link to="/quan-tri/khoa-ky" className={styles['view']}>
            {t('nav.keys')}
          </Link>
        )}
        {system && (
          <Link to="/quan-tri/tin-cay" className={styles['view']}>
            {t('nav.trust')}
          </Link>
        )}
        {audits && (
          <Link to="/quan-tri/nhat-ky" className={styles['view']}>
            {t('nav.audit')}
          </Link>
        )}
      </nav>
      {children && <div className={styles['actions']}>{children}</div>}
    </div>
  );
}
