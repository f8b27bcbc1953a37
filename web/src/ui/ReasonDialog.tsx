import { Button, Modal, Textarea } from '@mantine/core';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNote } from './ErrorState';
import styles from './ReasonDialog.module.css';

interface Props {
  opened: boolean;
  title: string;
  /** What will happen, in a sentence or two. */
  children?: ReactNode;
  label: string;
  /** The verb on the button, for example "Từ chối". */
  verb: string;
  danger?: boolean;
  maxLength?: number;
  pending: boolean;
  error?: unknown;
  onClose: () => void;
  onSubmit: (reason: string) => void;
}

/** Asks for the reason that an act needs. The reason is required; the focus starts on it. */
export function ReasonDialog(props: Props): ReactElement {
  const { t } = useTranslation();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <ReasonForm {...props} />
    </Modal>
  );
}

function ReasonForm({
  children,
  label,
  verb,
  danger,
  maxLength = 500,
  pending,
  error,
  onClose,
  onSubmit,
}: Props): ReactElement {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  return (
    <form
      className={styles['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const text = reason.trim();
        setMissing(text === '');
        if (text !== '' && !pending) onSubmit(text);
      }}
    >
      {children}
      <Textarea
        label={label}
        required
        withAsterisk={false}
        autosize
        minRows={3}
        maxRows={8}
        maxLength={maxLength}
        data-autofocus
        value={reason}
        error={missing && t('field.reasonRequired')}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <ProblemNote error={error} />
      <div className={styles['buttons']}>
        <Button variant="default" type="button" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={pending} {...(danger ? { color: 'son' } : {})}>
          {verb}
        </Button>
      </div>
    </form>
  );
}
