import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { useHasRole } from '../../../session/me';
import { NoPermission } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { createDocument, documentsKey } from '../api/documents';
import { DocumentForm } from '../parts/DocumentForm';

/** A new outgoing document: uploads, facts, signer, recipients. */
export function NewDocumentPage(): ReactElement {
  const { t } = useTranslation('document');
  const navigate = useNavigate();
  const mayDraft = useHasRole('clerk', 'specialist');
  const create = useCommand({
    run: createDocument,
    touches: () => [documentsKey, ['work']],
    onDone: (document) => void navigate({ to: '/van-ban-di/$documentId', params: { documentId: document.id } }),
  });
  return (
    <>
      <PageHeader title={t('new')} parent={<Link to="/van-ban-di">{t('title')}</Link>} />
      {mayDraft ? (
        <DocumentForm
          pending={create.isPending}
          error={create.error}
          onSave={(input, submit) => create.mutate({ input, submit })}
        />
      ) : (
        <NoPermission />
      )}
    </>
  );
}
