import { IconPaperclip } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { clock, isSameDay, shortDate } from '../../../lib/dates';
import { deliveryState } from '../../../ui/marks';
import { StateMark } from '../../../ui/StateMark';
import { UrgencyMark } from '../../../ui/UrgencyMark';
import type { Delivery } from '../api/deliveries';
import styles from './Incoming.module.css';

/** The incoming register as a table: one row, two lines, the whole width. */
export function IncomingTable({ items }: { items: readonly Delivery[] }): ReactElement {
  const { t } = useTranslation('exchange');
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th className={styles['cDot']}>
            <span className="visually-hidden">{t('column.unread')}</span>
          </th>
          <th className={styles['cNumber']}>{t('column.number')}</th>
          <th className={styles['cUrgency']}>{t('column.urgency')}</th>
          <th className={styles['cCode']}>{t('column.code')}</th>
          <th>{t('column.subject')}</th>
          <th className={styles['cState']}>{t('column.state')}</th>
          <th className={styles['cTime']}>{t('column.arrived')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((d) => (
          <Row key={d.id} delivery={d} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ delivery: d }: { delivery: Delivery }): ReactElement {
  const { t } = useTranslation('exchange');
  const unread = !d.opened_at;
  return (
    <tr className={cx(unread && styles['unread'])}>
      <td>{unread && <span className={styles['dot']} role="img" aria-label={t('unread')} />}</td>
      <td className={styles['number']}>{d.arrival_number ?? '—'}</td>
      <td>
        <UrgencyMark urgency={d.urgency} />
      </td>
      <td>
        <div className={styles['code']}>{d.code}</div>
        <div className={styles['meta']}>{d.sender_name}</div>
      </td>
      <td>
        <div className={styles['subjectCell']}>
          <Link
            to="/van-ban-den/$deliveryId"
            params={{ deliveryId: d.id }}
            search={(before) => before}
            className={styles['subject']}
            data-row={d.id}
          >
            {d.subject}
          </Link>
          {d.file_count > 1 && (
            <span className={styles['clip']}>
              <IconPaperclip size={16} aria-hidden="true" />
              <span className="visually-hidden">{t('files', { count: d.file_count })}</span>
              <span aria-hidden="true">{d.file_count}</span>
            </span>
          )}
        </div>
      </td>
      <td>
        <StateMark state={deliveryState(d.transport, d.status)} />
      </td>
      <td className={styles['time']}>
        {isSameDay(d.arrived_at, new Date()) ? t('today') : shortDate(d.arrived_at)}
        <div className={styles['meta']}>{clock(d.arrived_at)}</div>
      </td>
    </tr>
  );
}
