import { Button } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { dateClock, whenShort } from '../../../lib/dates';
import { VerdictList } from '../../../shared/verdict/VerdictList';
import { ErrorState, ProblemNote } from '../../../ui/ErrorState';
import { deliveryState } from '../../../ui/marks';
import { Note } from '../../../ui/Note';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { StateMark } from '../../../ui/StateMark';
import { type DeliveryDetail, deliveryVerdictQuery } from '../api/deliveries';
import type { Decision } from '../logic/useDecision';
import { useRecheck } from '../logic/useRecheck';
import styles from './Delivery.module.css';
import { Road } from './Road';

/** Beside the paper: the decision, the signatures, the road. */
export function DeliveryPanel({ detail, decision }: { detail: DeliveryDetail; decision: Decision }): ReactElement {
  const verdict = useQuery(deliveryVerdictQuery(detail.delivery.id));
  const recheck = useRecheck(detail.delivery.id);
  return (
    <>
      <DecisionPart detail={detail} decision={decision} />
      <div className={styles['part']}>
        {verdict.data ? (
          <VerdictList
            verdict={verdict.data}
            recheck={recheck}
            sourceOf={(fileId) => ({ of: 'delivery', id: detail.delivery.id, fileId })}
          />
        ) : verdict.error ? (
          <ErrorState error={verdict.error} onRetry={() => void verdict.refetch()} />
        ) : (
          <SkeletonRows rows={2} />
        )}
      </div>
      <div className={styles['part']}>
        <Road detail={detail} />
      </div>
    </>
  );
}

function DecisionPart({ detail, decision }: { detail: DeliveryDetail; decision: Decision }): ReactElement {
  const { t } = useTranslation('exchange');
  const { delivery, can } = detail;
  const state = deliveryState(delivery.transport, delivery.status);
  return (
    <div className={styles['part']} aria-live="polite">
      <div className={styles['stateLine']}>
        <StateMark state={state}>{state === 'arrived' ? t('arrivedWaiting') : undefined}</StateMark>
        <span className={styles['stateTime']}>{whenShort(delivery.decided_at ?? delivery.arrived_at)}</span>
      </div>
      {can.includes('accept') && (
        <Button
          size="lg"
          fullWidth
          leftSection={<IconCheck size={18} />}
          rightSection={
            <span className={styles['key']} aria-hidden="true">
              T
            </span>
          }
          loading={decision.pending}
          onClick={() => decision.accept(delivery)}
        >
          {t('accept', { number: detail.suggested_arrival_number })}
        </Button>
      )}
      {can.includes('refuse') && (
        <Button
          fullWidth
          variant="danger"
          leftSection={<IconX size={17} />}
          disabled={decision.pending}
          onClick={() => decision.askReason(delivery)}
        >
          {t('refuse')}
        </Button>
      )}
      <ProblemNote error={decision.errorOf(delivery.id)} />
      {delivery.arrival_number && (
        <Note tone="green" icon={IconCheck}>
          {t('registered', {
            number: delivery.arrival_number,
            time: dateClock(delivery.decided_at ?? delivery.arrived_at),
          })}
        </Note>
      )}
      {state === 'refused' && (
        <Note tone="red" icon={IconX}>
          {t('refusedBecause', { reason: delivery.refusal_reason })}
        </Note>
      )}
    </div>
  );
}
