import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { useHasRole } from '../../../session/me';
import { NoPermission } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { UploadField } from '../../../ui/UploadField';
import { useUploads } from '../../../ui/useUploads';
import { createCopy, documentsKey } from '../api/documents';
import { copyInputOf, emptyCopy, missingOfCopy } from '../logic/copy';
import { CopyForm } from '../parts/CopyForm';

/** A new electronic copy of a scan: sao y, sao lục, trích sao. */
export function NewCopyPage(): ReactElement {
  const { t } = useTranslation('document');
  const clerk = useHasRole('clerk');
  return (
    <>
      <PageHeader title={t('copy.new')} parent={<Link to="/van-ban-di">{t('title')}</Link>} />
      {clerk ? <NewCopy /> : <NoPermission />}
    </>
  );
}

function NewCopy(): ReactElement {
  const { t } = useTranslation('document');
  const navigate = useNavigate();
  const uploads = useUploads();
  const create = useCommand({
    run: createCopy,
    touches: () => [documentsKey, ['work']],
    onDone: (document) => void navigate({ to: '/van-ban-di/$documentId', params: { documentId: document.id } }),
  });
  return (
    <CopyForm
      initial={emptyCopy()}
      isBusy={uploads.isBusy}
      file={(error) => (
        <UploadField
          label={t('copy.file')}
          hint={t('copy.fileHint')}
          multiple={false}
          uploads={uploads}
          error={error}
        />
      )}
      missingOf={(draft) => missingOfCopy(draft, uploads.items)}
      pending={create.isPending}
      error={create.error}
      onSave={(draft) => {
        const input = copyInputOf(draft, uploads.items);
        if (input) create.mutate(input);
      }}
    />
  );
}
