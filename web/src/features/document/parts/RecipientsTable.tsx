import { Button } from '@mantine/core';
import type { TFunction } from 'i18next';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { clock, dateClock } from '../../../lib/dates';
import { ProblemNote } from '../../../ui/ErrorState';
import { deliveryState } from '../../../ui/marks';
import { StateMark } from '../../../ui/StateMark';
import { documentKey, type OutgoingDelivery, retryDelivery } from '../api/documents';
import { sorted } from '../logic/recipients';
import styles from './Document.module.css';

/** Where a released document stands with each recipient; changes by itself. */
export function RecipientsTable({
  documentId,
  items,
}: {
  documentId: string;
  items: OutgoingDelivery[];
}): ReactElement {
  const { t } = useTranslation('document');
  const retry = useCommand({ run: retryDelivery, touches: () => [documentKey(documentId), ['work']] });
  return (
    <>
      <ProblemNote error={retry.error} />
      <table className={styles['recipientsTable']}>
        <thead>
          <tr>
            <th className={styles['rName']}>{t('recipient.agency')}</th>
            <th className={styles['rState']}>{t('recipient.state')}</th>
            <th className={styles['rTime']}>{t('recipient.updated')}</th>
            <th>{t('recipient.note')}</th>
            <th className={styles['rAct']}>
              <span className="visually-hidden">{t('recipient.act')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted(items).map((d) => (
            <tr key={d.id}>
              <td className={styles['rAgency']}>{d.recipient_name}</td>
              <td>
                <StateMark state={deliveryState(d.transport, d.status)}>{stateWords(d, t)}</StateMark>
              </td>
              <td className={styles['rWhen']}>{dateClock(d.updated_at)}</td>
              <td className={styles['rNote']}>{noteWords(d, t)}</td>
              <td className={styles['rButton']}>
                {d.can.includes('retry') && (
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={t('recipient.retryOf', { agency: d.recipient_name })}
                    loading={retry.isPending && retry.variables.id === d.id}
                    onClick={() => retry.mutate({ id: d.id, version: d.version })}
                  >
                    {t('recipient.retry')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function stateWords(d: OutgoingDelivery, t: TFunction<'document'>): string | undefined {
  const state = deliveryState(d.transport, d.status);
  if (state === 'arrived') return t('recipient.arrived');
  if (state === 'failed' && d.next_try_at) return t('recipient.failedAgain', { time: clock(d.next_try_at) });
  return undefined;
}

function noteWords(d: OutgoingDelivery, t: TFunction<'document'>): string {
  switch (deliveryState(d.transport, d.status)) {
    case 'refused':
      return t('recipient.reason', { reason: d.note });
    case 'accepted':
      return d.arrival_number ? t('recipient.arrivalNumber', { number: d.arrival_number }) : '';
    case 'failed':
      return d.failure;
    case 'arrived':
      return d.opened_at ? t('recipient.opened', { time: dateClock(d.opened_at) }) : t('recipient.notOpened');
    default:
      return '';
  }
}
