import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { VerdictList } from '../../../shared/verdict/VerdictList';
import { ErrorState } from '../../../ui/ErrorState';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { documentDeliveriesQuery, documentVerdictQuery, type OfficialDocument } from '../api/documents';
import { countsOf } from '../logic/recipients';
import { useRecheck } from '../logic/useRecheck';
import { CountsBar } from './CountsBar';
import styles from './Document.module.css';
import { RecipientsTable } from './RecipientsTable';

/** Beside the paper of a released document: signatures, and where it stands with each recipient. */
export function Released({ document }: { document: OfficialDocument }): ReactElement {
  const { t } = useTranslation('document');
  const verdict = useQuery(documentVerdictQuery(document.id));
  const recheck = useRecheck(document.id);
  const deliveries = useQuery(documentDeliveriesQuery(document.id));
  const items = deliveries.data?.items;
  return (
    <div className={styles['released']}>
      <div className={styles['part']}>
        {verdict.data ? (
          <VerdictList
            verdict={verdict.data}
            recheck={recheck}
            sourceOf={(fileId) => ({ of: 'document', id: document.id, fileId })}
            across
          />
        ) : (
          <SkeletonRows rows={1} />
        )}
      </div>
      <section className={styles['recipientsPart']} aria-labelledby="recipients">
        <div className={styles['recipientsHead']}>
          <h3 id="recipients">{t('facts.recipients')}</h3>
          {items && <CountsBar counts={countsOf(items)} />}
        </div>
        {items ? (
          <RecipientsTable documentId={document.id} items={items} />
        ) : deliveries.error ? (
          <ErrorState error={deliveries.error} onRetry={() => void deliveries.refetch()} />
        ) : (
          <SkeletonRows rows={4} />
        )}
      </section>
    </div>
  );
}
