import { Button } from '@mantine/core';
import { IconVersions } from '@tabler/icons-react';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { exactTime } from '../../lib/dates';
import type { RevisionSource } from '../revisions/api';
import styles from './Verdict.module.css';
import type { FileVerdict } from './verdict';

const RevisionsDialog = lazy(async () => ({ default: (await import('../revisions/RevisionsDialog')).RevisionsDialog }));

/** What was judged, and when: so that another person can judge the same and compare. */
export function FileFoot({ file, source }: { file: FileVerdict; source?: RevisionSource | undefined }): ReactElement {
  const { t } = useTranslation('verdict');
  const [open, setOpen] = useState(false);
  return (
    <div className={styles['foot']}>
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
      {source && (
        <Button size="xs" variant="default" leftSection={<IconVersions size={16} />} onClick={() => setOpen(true)}>
          {t('revisions.show')}
        </Button>
      )}
      {source && open && (
        <Suspense fallback={null}>
          <RevisionsDialog source={source} name={file.name} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </div>
  );
}
