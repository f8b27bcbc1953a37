import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { topic, useLive } from '../../../live/live';
import { useActor, useHasRole } from '../../../session/me';
import { workKey } from '../../../shared/work/api';
import { ButtonLink } from '../../../ui/ButtonLink';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState, NoPermission } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { documentsKey } from '../api/documents';
import { requestQuery, type SignatureRequest } from '../api/requests';
import { mostAtOnce } from '../logic/batch';
import { useToSign } from '../logic/useToSign';
import styles from '../parts/Batch.module.css';
import { BatchList } from '../parts/BatchList';
import { BatchPanel } from '../parts/BatchPanel';
import { BatchResult } from '../parts/BatchResult';

/** Several documents signed at once by their leader, who reads the list and opens whatever is to be read. */
export function BatchSignPage(): ReactElement {
  const { t } = useTranslation('document');
  const leads = useHasRole('leader');
  return (
    <>
      <PageHeader title={t('batch.title')} parent={<Link to="/van-ban-di">{t('title')}</Link>} />
      {leads ? <Batch /> : <NoPermission />}
    </>
  );
}

function Batch(): ReactElement {
  const { t } = useTranslation('document');
  const actor = useActor();
  const { documents, error, retry } = useToSign();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [requestId, setRequest] = useState<string | null>(null);
  useLive([actor && topic.agency(actor.agency_id), actor && topic.person(actor.person_id)], [workKey, documentsKey]);
  if (requestId)
    return (
      <Running
        requestId={requestId}
        onBack={() => {
          setPicked(new Set());
          setRequest(null);
        }}
      />
    );
  if (error && !documents) return <ErrorState error={error} onRetry={retry} />;
  if (!documents) return <SkeletonRows />;
  if (documents.length === 0) {
    return (
      <EmptyState
        title={t('batch.empty')}
        text={t('batch.emptyText')}
        action={
          <ButtonLink to="/van-ban-di" variant="default">
            {t('batch.toList')}
          </ButtonLink>
        }
      />
    );
  }
  const chosen = documents.filter((d) => picked.has(d.id)).slice(0, mostAtOnce);
  return (
    <div className={styles['page']}>
      <BatchList documents={documents} chosen={new Set(chosen.map((d) => d.id))} onChange={setPicked} />
      <BatchPanel chosen={chosen} onAsked={(request: SignatureRequest) => setRequest(request.id)} />
    </div>
  );
}

function Running({ requestId, onBack }: { requestId: string; onBack: () => void }): ReactElement {
  const request = useQuery(requestQuery(requestId));
  if (request.data) return <BatchResult request={request.data} onBack={onBack} />;
  if (request.error) return <ErrorState error={request.error} onRetry={() => void request.refetch()} />;
  return <SkeletonRows />;
}
