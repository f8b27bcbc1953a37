import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { ErrorState, NoPermission } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import type { UploadItem } from '../../../ui/useUploads';
import { changeDocument, documentKey, documentQuery, documentsKey, type OfficialDocument } from '../api/documents';
import { copyChangeOf, copyOf, missingFacts } from '../logic/copy';
import { draftOf } from '../logic/form';
import { CopyForm } from '../parts/CopyForm';
import { DocumentForm } from '../parts/DocumentForm';

/** Changes a draft, or one that the signer gave back. */
export function ChangeDocumentPage(): ReactElement {
  const { t } = useTranslation('document');
  const { documentId } = useParams({ from: '/session/shell/van-ban-di/$documentId/sua' });
  const document = useQuery(documentQuery(documentId));
  return (
    <>
      <PageHeader title={t('change')} parent={<Link to="/van-ban-di">{t('title')}</Link>} />
      {document.data ? (
        <Change key={document.data.id} document={document.data} />
      ) : document.error ? (
        <ErrorState error={document.error} onRetry={() => void document.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </>
  );
}

function Change({ document }: { document: OfficialDocument }): ReactElement {
  const navigate = useNavigate();
  const change = useCommand({
    run: changeDocument,
    touches: () => [documentKey(document.id), documentsKey, ['work']],
    onDone: () => void navigate({ to: '/van-ban-di/$documentId', params: { documentId: document.id } }),
  });
  if (!document.can.includes('change')) return <NoPermission />;
  const copy = copyOf(document);
  if (copy) {
    return (
      <CopyForm
        fixed
        initial={copy}
        missingOf={missingFacts}
        pending={change.isPending}
        error={change.error}
        onSave={(draft) =>
          change.mutate({
            id: document.id,
            version: document.version,
            input: copyChangeOf(draft, document),
            submit: false,
          })
        }
      />
    );
  }
  return (
    <DocumentForm
      initial={draftOf(document)}
      initialFiles={document.files.map(
        (file): UploadItem => ({
          key: file.id,
          fileId: file.id,
          name: file.name,
          size: file.size,
          state: 'done',
          progress: null,
          error: null,
        }),
      )}
      signer={document.signer}
      pending={change.isPending}
      error={change.error}
      onSave={(input, submit) => change.mutate({ id: document.id, version: document.version, input, submit })}
    />
  );
}
