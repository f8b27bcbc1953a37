import { useMediaQuery } from '@mantine/hooks';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { fullDate } from '../../../lib/dates';
import { topic, useLive } from '../../../live/live';
import { PaperPane } from '../../../shared/files/PaperPane';
import { ErrorState } from '../../../ui/ErrorState';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { UrgencyMark } from '../../../ui/UrgencyMark';
import { ViewTabs } from '../../../ui/ViewTabs';
import { type DeliveryDetail, deliveryFileUrl, deliveryKey, deliveryQuery, openDelivery } from '../api/deliveries';
import type { Decision } from '../logic/useDecision';
import { DecisionBar } from './DecisionBar';
import styles from './Delivery.module.css';
import { DeliveryPanel } from './DeliveryPanel';

interface Props {
  id: string;
  decision: Decision;
}

/** One incoming document: paper, signatures, road, and the decision. */
export function DeliveryView({ id, decision }: Props): ReactElement {
  const { t } = useTranslation('exchange');
  const detail = useQuery(deliveryQuery(id));
  const wide = useMediaQuery('(min-width: 1280px)', undefined, { getInitialValueInEffect: false });
  const [pane, setPane] = useState<'paper' | 'facts'>('paper');
  useLive([topic.delivery(id)], [deliveryKey(id)]);
  useMarkOpened(detail.data, decision.show);
  if (detail.error && !detail.data) return <ErrorState error={detail.error} onRetry={() => void detail.refetch()} />;
  if (!detail.data) return <SkeletonRows />;
  const { delivery, files, document_type_name } = detail.data;
  const paper = <PaperPane files={files} urlOf={(fileId) => deliveryFileUrl(id, fileId)} />;
  const panel = <DeliveryPanel detail={detail.data} decision={decision} />;
  return (
    <article className={styles['view']} aria-labelledby="delivery-subject">
      <header className={styles['head']}>
        <Link to="/van-ban-den" search={(before) => before} className={styles['back']} aria-label={t('backToList')}>
          <IconArrowLeft size={20} aria-hidden="true" />
        </Link>
        <div className={styles['titles']}>
          <p className={styles['meta']}>
            <UrgencyMark urgency={delivery.urgency} />
            <strong>
              {delivery.code} · {fullDate(delivery.issued_on)}
            </strong>
            <span>
              {document_type_name}
              {files.length > 1 && ` · ${t('files', { count: files.length })}`}
            </span>
          </p>
          <h2 id="delivery-subject" className={styles['subject']}>
            {delivery.subject}
          </h2>
        </div>
      </header>
      {wide ? (
        <div className={styles['panes']}>
          {paper}
          <aside className={styles['panel']}>{panel}</aside>
        </div>
      ) : (
        <>
          <ViewTabs
            label={t('panes.label')}
            value={pane}
            onChange={(value) => setPane(value === 'facts' ? 'facts' : 'paper')}
            items={[
              { value: 'paper', label: t('panes.paper') },
              { value: 'facts', label: t('panes.facts') },
            ]}
          />
          <div className={styles['single']}>
            {pane === 'paper' ? paper : <div className={styles['panelAlone']}>{panel}</div>}
          </div>
          <DecisionBar detail={detail.data} decision={decision} />
        </>
      )}
    </article>
  );
}

/** The first opening by anybody of the agency is told to the sender. */
function useMarkOpened(detail: DeliveryDetail | undefined, show: Decision['show']): void {
  const open = useCommand({ run: openDelivery, onDone: show, touches: () => [] });
  const told = useRef<string | null>(null);
  const { mutate } = open;
  useEffect(() => {
    if (!detail || detail.delivery.opened_at || told.current === detail.delivery.id) return;
    told.current = detail.delivery.id;
    mutate(detail.delivery.id);
  }, [detail, mutate]);
}
