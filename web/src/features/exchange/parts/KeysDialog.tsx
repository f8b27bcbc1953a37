import { Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './Incoming.module.css';

const rows = [
  [['J', 'K'], 'move'],
  [['Enter'], 'open'],
  [['Esc'], 'back'],
  [['T'], 'accept'],
  [['R'], 'refuse'],
  [['[', ']'], 'page'],
  [['+', '−'], 'zoom'],
  [['G', 'V'], 'goWork'],
  [['G', 'D'], 'goIncoming'],
  [['G', 'I'], 'goOutgoing'],
  [['G', 'H'], 'goMeetings'],
  [['?'], 'all'],
] as const;

/** The list of keys. */
export function KeysDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactElement {
  const { t } = useTranslation('exchange');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('keys.title')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <dl className={styles['keyList']}>
        {rows.map(([keys, act]) => (
          <div key={act} style={{ display: 'contents' }}>
            <dt>
              {keys.map((key) => (
                <span key={key}>
                  <kbd>{key}</kbd>{' '}
                </span>
              ))}
            </dt>
            <dd>{t(`keys.${act}`)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
