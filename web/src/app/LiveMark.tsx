import { IconCloudOff } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useLiveStatus } from '../live/live';
import styles from './AccountMenu.module.css';

/** Says that the server cannot be reached. Nothing is shown while all is well. */
export function LiveMark(): ReactElement {
  const { t } = useTranslation();
  const status = useLiveStatus();
  return (
    <span role="status" aria-live="assertive" className={styles['live']}>
      {status === 'offline' && (
        <>
          <IconCloudOff size={18} stroke={1.7} aria-hidden="true" />
          <span>{t('live.offline')}</span>
        </>
      )}
    </span>
  );
}
