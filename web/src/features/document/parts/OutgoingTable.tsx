import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { fullDate, whenShort } from '../../../lib/dates';
import { documentState } from '../../../ui/marks';
import { StateMark } from '../../../ui/StateMark';
import { UrgencyMark } from '../../../ui/UrgencyMark';
import type { DocumentSummary } from '../api/documents';
import { CountsBar } from './CountsBar';
import styles from './Outgoing.module.css';

/** Outgoing documents: one row, two lines; on phones each row becomes a card of its own lines. */
export function OutgoingTable({ items }: { items: readonly DocumentSummary[] }): ReactElement {
  const { t } = useTranslation('document');
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th className={styles['cUrgency']}>{t('column.urgency')}</th>
          <th className={styles['cCode']}>{t('column.code')}</th>
          <th>{t('column.subject')}</th>
          <th className={styles['cPeople']}>{t('column.people')}</th>
          <th className={styles['cState']}>{t('column.state')}</th>
          <th className={styles['cRecipients']}>{t('column.recipients')}</th>
          <th className={styles['cTime']}>{t('column.changed')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((d) => (
          <tr key={d.id}>
            <td className={styles['urgency']}>
              <UrgencyMark urgency={d.urgency} />
            </td>
            <td className={styles['codeCell']}>
              <div className={d.code ? styles['code'] : styles['meta']}>{d.code || t('noNumber')}</div>
              <div className={styles['meta']}>{fullDate(d.issued_on)}</div>
            </td>
            <td className={styles['subjectCell']}>
              <Link to="/van-ban-di/$documentId" params={{ documentId: d.id }} className={styles['subject']}>
                {d.subject}
              </Link>
            </td>
            <td className={styles['people']}>
              <div>{d.signer_name}</div>
              <div className={styles['meta']}>{d.created_by_name}</div>
            </td>
            <td>
              <StateMark state={documentState(d.state, d.return_reason)} />
            </td>
            <td className={styles['recipients']}>
              {d.state === 'released' ? (
                <CountsBar counts={d.delivery_counts} />
              ) : (
                t('recipientCount', { count: d.recipient_count })
              )}
            </td>
            <td className={styles['time']}>{whenShort(d.updated_at)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
