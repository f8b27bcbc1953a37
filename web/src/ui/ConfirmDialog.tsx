import { Button, Modal } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNote } from './ErrorState';
import styles from './ReasonDialog.module.css';

interface Props {
  opened: boolean;
  title: string;
  children: ReactNode;
  /** The verb on the button, for example "Gửi văn bản". */
  verb: string;
  danger?: boolean;
  pending: boolean;
  error?: unknown;
  onClose: () => void;
  onConfirm: () => void;
}

/** Asks once before an act that cannot be taken back; shows what it will do. */
export function ConfirmDialog({
  opened,
  title,
  children,
  verb,
  danger,
  pending,
  error,
  onClose,
  onConfirm,
}: Props): ReactElement {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className={styles['form']}>
        {children}
        <ProblemNote error={error} />
        <div className={styles['buttons']}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button data-autofocus loading={pending} onClick={onConfirm} {...(danger ? { color: 'son' } : {})}>
            {verb}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
