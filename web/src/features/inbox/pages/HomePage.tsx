import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { local } from '../../../lib/dates';
import { useNow } from '../../../lib/useNow';
import { topic, useLive } from '../../../live/live';
import { useActor, useMe } from '../../../session/me';
import { type WorkItem, workKey, workQuery } from '../../../shared/work/api';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { groupWork, kindsOf } from '../logic/groups';
import styles from '../parts/Home.module.css';
import { Meetings, NextMeeting } from '../parts/Meetings';
import { SentDocuments } from '../parts/SentDocuments';
import { WorkGroup } from '../parts/WorkGroup';

/** "Việc của tôi": everything that waits for the person, by urgency and deadline; meetings and sent documents aside. */
export function HomePage(): ReactElement {
  const { t } = useTranslation('inbox');
  const me = useMe();
  const actor = useActor();
  const now = useNow(30_000);
  const work = useQuery(workQuery);
  const [chosen, setChosen] = useState<WorkItem['kind'] | null>(null);
  useLive([me && topic.person(me.person.id), actor && topic.agency(actor.agency_id)], [workKey]);
  const today = local(now).format('DD/MM/YYYY');
  const header = <PageHeader title={t('title')} note={`${t(`weekday.${local(now).day()}`)}, ${today}`} />;
  if (!work.data) {
    return (
      <>
        {header}
        {work.error ? (
          <ErrorState error={work.error} onRetry={() => void work.refetch()} />
        ) : (
          <SkeletonRows rows={10} />
        )}
      </>
    );
  }
  const { items, meetings, sent } = work.data;
  const kinds = kindsOf(items);
  const kind = kinds.some((k) => k.kind === chosen) ? chosen : null;
  const groups = groupWork(
    items.filter((item) => kind === null || item.kind === kind),
    now,
  );
  return (
    <div className={styles['home']}>
      {header}
      {meetings[0] && <NextMeeting meeting={meetings[0]} now={now} />}
      <fieldset className={styles['kinds']} aria-label={t('kinds')}>
        <Chip on={kind === null} onPick={() => setChosen(null)} label={t('all')} count={items.length} />
        {kinds.map((k) => (
          <Chip
            key={k.kind}
            on={kind === k.kind}
            onPick={() => setChosen(k.kind)}
            label={t(`kind.${k.kind}`)}
            count={k.count}
          />
        ))}
        <span className={styles['order']}>{t('order')}</span>
      </fieldset>
      <div className={styles['columns']}>
        <div className={styles['list']}>
          {groups.length === 0 ? (
            <EmptyState title={t('empty.title')} text={t('empty.text')} />
          ) : (
            groups.map((group) => <WorkGroup key={group.key} group={group} now={now} />)
          )}
        </div>
        <aside className={styles['aside']}>
          <Meetings meetings={meetings} now={now} />
          <SentDocuments sent={sent} />
        </aside>
      </div>
    </div>
  );
}

interface ChipProps {
  on: boolean;
  label: string;
  count: number;
  onPick: () => void;
}

function Chip({ on, label, count, onPick }: ChipProps): ReactElement {
  return (
    <button type="button" className={styles['chip']} aria-pressed={on} onClick={onPick}>
      {label} {count}
    </button>
  );
}
