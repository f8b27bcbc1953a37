import { Button, Modal } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNote } from './ErrorState';
import styles from './ReasonDialog.module.css';

interface Props {
  opened: boolean;
  title: string;
  /** The fields. */
  children: ReactNode;
  /** The verb on the button, with its object: "Thêm mục". */
  verb: string;
  pending: boolean;
  /** Nothing can be sent yet. */
  disabled?: boolean;
  error?: unknown;
  size?: string | number;
  onClose: () => void;
  onSubmit: () => void;
}

/** A short form in a dialog: Enter sends it, Escape leaves it. */
export function FormDialog({
  opened,
  title,
  children,
  verb,
  pending,
  disabled,
  error,
  size,
  onClose,
  onSubmit,
}: Props): ReactElement {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      {...(size ? { size } : {})}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        className={styles['form']}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!pending && !disabled) onSubmit();
        }}
      >
        {children}
        <ProblemNote error={error} />
        <div className={styles['buttons']}>
          <Button variant="default" type="button" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={pending} disabled={disabled ?? false}>
            {verb}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
