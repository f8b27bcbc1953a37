import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconLink, IconLoader, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { exactTime } from '../../../lib/dates';
import { useHasRole } from '../../../session/me';
import { AdminNav } from '../../../ui/AdminNav';
import { EmptyState } from '../../../ui/EmptyState';
import { NoPermission } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { QueryState } from '../../../ui/QueryState';
import { type AuditEvent, eventsQuery, statusQuery } from '../api/audit';
import { detailText } from '../logic/detailText';
import classes from './AuditPage.module.css';

const features = ['auth', 'org', 'upload', 'document', 'signing', 'exchange', 'meeting', 'conference'] as const;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The record of everything that happened, newest first, and how far its chain is. */
export function AuditPage() {
  const { t } = useTranslation('audit');
  const allowed = useHasRole('auditor', 'system_admin', 'agency_admin');
  const [kind, setKind] = useState('');
  const [text, setText] = useState('');
  const [typed] = useDebouncedValue(text.trim(), 250);
  const objectId = uuid.test(typed) ? typed : '';
  const events = useInfiniteQuery({ ...eventsQuery({ kind, objectId }), enabled: allowed });
  const list = events.data?.pages.flatMap((page) => page.items);
  if (!allowed) return <NoPermission />;
  return (
    <>
      <PageHeader title={t('title')} />
      <AdminNav />
      <div className={classes['filters']}>
        <NativeSelect
          aria-label={t('filter.kind')}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
          data={[
            { value: '', label: t('filter.all') },
            ...features.map((value) => ({ value, label: t(`feature.${value}`) })),
          ]}
        />
        <TextInput
          className={classes['object'] ?? ''}
          aria-label={t('filter.object')}
          placeholder={t('filter.object')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          error={typed !== '' && objectId === '' && t('filter.notId')}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Chain />
      </div>
      {!list && <QueryState query={events} rows={12} />}
      {list?.length === 0 && <EmptyState filtered title={t('empty')} />}
      {list && list.length > 0 && <EventTable events={list} onObject={setText} />}
      {events.hasNextPage && (
        <div className={classes['more']}>
          <Button variant="default" loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
    </>
  );
}

function Chain() {
  const { t } = useTranslation('audit');
  const status = useQuery(statusQuery).data;
  if (!status) return null;
  const waiting = status.pending > 0;
  const Icon = waiting ? IconLoader : IconLink;
  return (
    <span
      className={cx(classes['chain'], waiting ? classes['amber'] : classes['green'])}
      data-testid="chain"
      role="status"
    >
      <Icon size={17} stroke={1.8} aria-hidden />
      {t(waiting ? 'chain.pending' : 'chain.linked', { linked: status.linked, pending: status.pending })}
    </span>
  );
}

function EventTable({ events, onObject }: { events: AuditEvent[]; onObject: (id: string) => void }) {
  const { t, i18n } = useTranslation('audit');
  return (
    <div className={classes['wrap']}>
      <table className={classes['table']}>
        <thead>
          <tr>
            <th scope="col">{t('column.at')}</th>
            <th scope="col">{t('column.what')}</th>
            <th scope="col">{t('column.who')}</th>
            <th scope="col">{t('column.details')}</th>
            <th scope="col">{t('column.chain')}</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.id} data-testid="audit-event" data-kind={event.kind}>
              <td className={classes['at']}>{exactTime(event.at)}</td>
              <td>
                <div className={classes['what']}>
                  {i18n.exists(`kind.${event.kind}`, { ns: 'audit' }) ? t(`kind.${event.kind}`) : t('otherKind')}
                </div>
                {event.agency_name && (
                  <div className={classes['meta']}>{t('recordOf', { agency: event.agency_name })}</div>
                )}
                {event.object_id && (
                  <button type="button" className={classes['link']} onClick={() => onObject(event.object_id ?? '')}>
                    {t('sameObject')}
                  </button>
                )}
              </td>
              <td>
                {event.person_name || t('system')}
                <div className={classes['meta']}>{event.position}</div>
              </td>
              <td className={classes['details']}>
                {detailText(event.details, { i18n, language: i18n.language })}
                {event.address && <div className={classes['meta']}>{event.address}</div>}
                <details className={classes['raw']}>
                  <summary>{t('raw')}</summary>
                  <pre>
                    {JSON.stringify({ kind: event.kind, object: event.object_id, ...asRecord(event.details) }, null, 1)}
                  </pre>
                </details>
              </td>
              <td className={classes['meta']}>{event.seq > 0 ? t('seq', { n: event.seq }) : t('waiting')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const asRecord = (details: unknown) => (details && typeof details === 'object' ? { details } : {});
