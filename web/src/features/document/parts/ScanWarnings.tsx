import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Note } from '../../../ui/Note';
import type { OfficialDocument } from '../api/documents';
import styles from './Document.module.css';

type Warning = NonNullable<OfficialDocument['copy']>['warnings'][number];

/** What the rules ask of a scan and this one seems not to have; the copy goes on all the same. */
export function ScanWarnings({ warnings }: { warnings: readonly Warning[] }): ReactElement {
  const { t } = useTranslation('document');
  return (
    <Note tone="amber" icon={IconAlertTriangle}>
      {t('copy.warned')}
      <ul className={styles['warnings']}>
        {warnings.map((warning) => (
          <li key={warning}>{t(`copy.warning.${warning}`)}</li>
        ))}
      </ul>
    </Note>
  );
}
