import { useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { FormDialog } from '../../../ui/FormDialog';
import { documentKey, documentsKey, type OfficialDocument } from '../api/documents';
import { signDocument } from '../api/signing';
import { useSigning } from '../logic/useSigning';
import { SigningFields } from './SigningFields';

/** Puts the seal of the agency: what it does, and the password once more. */
export function SealDialog({ document, onClose }: { document: OfficialDocument; onClose: () => void }): ReactElement {
  const { t } = useTranslation('document');
  const client = useQueryClient();
  const { id, version } = document;
  const seal = useCommand({
    run: signDocument,
    touches: () => [documentKey(id), documentsKey, ['work']],
    onDone: (sealed) => {
      client.setQueryData(documentKey(id), sealed);
      onClose();
    },
  });
  const signing = useSigning('seal', {
    run: (certificateId) => seal.mutateAsync({ id, version, purpose: 'seal', certificateId }),
    pending: seal.isPending,
    error: seal.error,
  });
  const names = { code: document.code, agency: document.agency_name };
  return (
    <FormDialog
      opened
      title={t('confirm.seal.title', names)}
      verb={t('step.seal')}
      pending={signing.pending}
      disabled={!signing.certificate}
      error={signing.error}
      onClose={onClose}
      onSubmit={signing.submit}
    >
      <p>{t('confirm.seal.text', names)}</p>
      <SigningFields signing={signing} />
    </FormDialog>
  );
}
