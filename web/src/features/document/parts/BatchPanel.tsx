import { Button } from '@mantine/core';
import { IconSignature } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { ProblemNote } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import { type DocumentSummary, documentsKey } from '../api/documents';
import { requestSignatures, type SignatureRequest } from '../api/requests';
import { useSigning } from '../logic/useSigning';
import styles from './Batch.module.css';
import { SigningFields } from './SigningFields';

interface Props {
  chosen: readonly DocumentSummary[];
  onAsked: (request: SignatureRequest) => void;
}

/** What is signed, with what, and the one button for all of it. */
export function BatchPanel({ chosen, onAsked }: Props): ReactElement {
  const { t } = useTranslation('document');
  const ask = useCommand({
    run: requestSignatures,
    touches: () => [['document'], documentsKey, ['work']],
    onDone: onAsked,
  });
  const signing = useSigning('leader', {
    run: (certificateId) =>
      ask.mutateAsync({
        purpose: 'leader',
        certificateId,
        documents: chosen.map(({ id, version }) => ({ id, version })),
      }),
    pending: ask.isPending,
    error: ask.error,
  });
  const count = chosen.length;
  return (
    <form
      className={styles['panel']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (count > 0) signing.submit();
      }}
    >
      <h2 className={styles['title']} aria-live="polite">
        {t('batch.chosen', { count })}
      </h2>
      <Note>{t('batch.note')}</Note>
      {count > 0 && <SigningFields signing={signing} />}
      <ProblemNote error={signing.error} />
      {count > 0 && signing.certificate && (
        <Button
          type="submit"
          size="xl"
          loading={signing.pending}
          leftSection={<IconSignature size={21} stroke={1.7} />}
        >
          {t('batch.sign', { count })}
        </Button>
      )}
    </form>
  );
}
