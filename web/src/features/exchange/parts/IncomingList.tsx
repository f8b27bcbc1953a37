import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { whenShort } from '../../../lib/dates';
import { deliveryState } from '../../../ui/marks';
import { StateMark } from '../../../ui/StateMark';
import { UrgencyMark } from '../../../ui/UrgencyMark';
import type { Delivery } from '../api/deliveries';
import styles from './Incoming.module.css';

interface Props {
  items: readonly Delivery[];
  /** The document that is open beside the list. */
  current?: string | undefined;
}

/** The incoming documents as a narrow list: beside an open document, and on phones. */
export function IncomingList({ items, current }: Props): ReactElement {
  const { t } = useTranslation('exchange');
  return (
    <ul className={styles['list']} aria-label={t('title')}>
      {items.map((d) => (
        <li key={d.id}>
          <Link
            to="/van-ban-den/$deliveryId"
            params={{ deliveryId: d.id }}
            search={(before) => before}
            className={cx(styles['item'], !d.opened_at && styles['unread'])}
            aria-current={d.id === current ? 'true' : undefined}
            data-row={d.id}
          >
            {!d.opened_at && <span className={styles['dot']} role="img" aria-label={t('unread')} />}
            <span className={styles['itemTop']}>
              <UrgencyMark urgency={d.urgency} />
              <span className={styles['itemCode']}>{d.code}</span>
              <span className={styles['itemTime']}>{whenShort(d.arrived_at)}</span>
            </span>
            <span className={styles['itemSubject']}>{d.subject}</span>
            <span className={styles['itemFoot']}>
              <span className={styles['itemSender']}>{d.sender_name}</span>
              <StateMark state={deliveryState(d.transport, d.status)}>
                {d.arrival_number ? t('arrivalNumber', { number: d.arrival_number }) : undefined}
              </StateMark>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
