import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { exactTime } from '../../lib/dates';
import styles from './Verdict.module.css';
import type { FileVerdict } from './verdict';

/** What was judged, and when: so that another person can judge the same and compare. */
export function FileFoot({ file }: { file: FileVerdict }): ReactElement {
  const { t } = useTranslation('verdict');
  return (
    <dl className={styles['details']}>
      <div>
        <dt>{t('file.checkedAt')}</dt>
        <dd>{file.checked_at ? exactTime(file.checked_at) : t('file.notYet')}</dd>
      </div>
      <div>
        <dt>{t('file.revisions')}</dt>
        <dd>{file.revisions}</dd>
      </div>
      <div>
        <dt>SHA-256</dt>
        <dd className={styles['hash']}>{file.sha256}</dd>
      </div>
    </dl>
  );
}
