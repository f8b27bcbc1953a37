import { Button } from '@mantine/core';
import { IconAlertTriangleFilled, IconLock, IconRefresh } from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../api/problem';
import { cx } from '../lib/cx';
import styles from './Notice.module.css';
import { useProblem } from './useProblem';

/** A page or list that could not be read: what happened, what to do, the code, and a way to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }): ReactElement {
  const { t } = useTranslation();
  const words = useProblem()(error);
  const problem = asApiError(error);
  if (problem.status === 404 || problem.status === 403) return <NoPermission />;
  return (
    <div className={cx(styles['notice'], styles['error'])} role="alert">
      <IconAlertTriangleFilled className={styles['mark']} size={30} aria-hidden="true" />
      <p className={styles['title']}>{words.title}</p>
      <p className={styles['text']}>
        {words.advice} <span className={styles['code']}>{t('problem.code', { code: words.code })}</span>
      </p>
      {onRetry && (
        <div className={styles['action']}>
          <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry}>
            {t('action.retry')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** A thing that is absent or hidden from the appointment in use: the two are told alike. */
export function NoPermission({ action }: { action?: ReactNode }): ReactElement {
  const { t } = useTranslation();
  return (
    <div className={styles['notice']} role="alert">
      <IconLock size={30} stroke={1.6} aria-hidden="true" />
      <p className={styles['title']}>{t('noPermission.title')}</p>
      <p className={styles['text']}>{t('noPermission.text')}</p>
      {action && <div className={styles['action']}>{action}</div>}
    </div>
  );
}

/** A failed act, beside the button that was pressed. */
export function ProblemNote({ error }: { error: unknown }): ReactElement | null {
  const { t } = useTranslation();
  const problem = useProblem();
  if (!error) return null;
  const words = problem(error);
  return (
    <div className={cx(styles['inline'], styles['red'])} role="alert">
      <IconAlertTriangleFilled size={17} aria-hidden="true" />
      <span>
        <strong>{words.title}</strong> {words.advice}{' '}
        <span className={styles['code']}>{t('problem.code', { code: words.code })}</span>
      </span>
    </div>
  );
}
