import { Button } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { topic, useLive } from '../../../live/live';
import { useHasRole, useMe } from '../../../session/me';
import { ButtonLink } from '../../../ui/ButtonLink';
import { EmptyState } from '../../../ui/EmptyState';
import { PageHeader } from '../../../ui/PageHeader';
import { QueryState } from '../../../ui/QueryState';
import { ViewTabs } from '../../../ui/ViewTabs';
import { meetingKeys, meetingsQuery, type When } from '../api/queries';
import { useMeetingTime } from '../logic/useMeetingTime';
import { byDay, dayOf } from '../logic/when';
import { AnswerMark, MeetingStateMark } from '../parts/marks';
import marks from '../parts/marks.module.css';
import type { MeetingSummary } from '../types';
import classes from './MeetingListPage.module.css';

/** Meetings of the appointment, by day: to come, and held. */
export function MeetingListPage() {
  const { t } = useTranslation('meeting');
  const me = useMe();
  const [when, setWhen] = useState<When>('upcoming');
  const list = useInfiniteQuery(meetingsQuery(when));
  const mayCreate = useHasRole('secretary');
  useLive([me && topic.person(me.person.id), me?.current && topic.agency(me.current.agency_id)], [meetingKeys.all]);
  const meetings = list.data?.pages.flatMap((page) => page.items);
  return (
    <div className={classes['page']}>
      <PageHeader title={t('list.title')} />
      <ViewTabs
        label={t('list.title')}
        items={[
          { value: 'upcoming', label: t('list.upcoming') },
          { value: 'past', label: t('list.past') },
        ]}
        value={when}
        onChange={(value) => setWhen(value === 'past' ? 'past' : 'upcoming')}
      >
        {mayCreate && (
          <ButtonLink to="/cuoc-hop/moi" size="sm" leftSection={<IconPlus size={17} aria-hidden />}>
            {t('list.create')}
          </ButtonLink>
        )}
      </ViewTabs>
      {!meetings && <QueryState query={list} />}
      {meetings?.length === 0 && (
        <EmptyState
          icon={IconUsersGroup}
          title={t(`list.empty.${when}`)}
          text={when === 'upcoming' ? t(mayCreate ? 'list.emptyHintSecretary' : 'list.emptyHint') : ''}
        />
      )}
      {meetings && meetings.length > 0 && (
        <div className={classes['list']}>
          <Days meetings={meetings} />
          {list.hasNextPage && (
            <div className={classes['more']}>
              <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {t('list.more')}
              </Button>
            </div>
          )}
        </div>
      )}
    </div>
  );
}

function Days({ meetings }: { meetings: MeetingSummary[] }) {
  const { t } = useTranslation('meeting');
  const time = useMeetingTime();
  const today = dayOf(new Date());
  return byDay(meetings).map(({ day, items }) => (
    <section key={day} aria-label={time.weekday(items[0]?.starts_at ?? '')}>
      <h2 className={cx(classes['day'], day === today && classes['today'])}>
        {day === today && `${t('list.today')} · `}
        {time.weekday(items[0]?.starts_at ?? '')}
      </h2>
      <ul className={classes['rows']}>
        {items.map((meeting) => (
          <Row key={meeting.id} meeting={meeting} />
        ))}
      </ul>
    </section>
  ));
}

function Row({ meeting }: { meeting: MeetingSummary }) {
  const { t } = useTranslation('meeting');
  const time = useMeetingTime();
  const params = { meetingId: meeting.id };
  const running = meeting.state === 'live';
  const joinable = running && meeting.online && meeting.my_role !== '';
  const asked = meeting.state === 'convened' && meeting.my_answer === 'none';
  const answered = meeting.accepted_count + meeting.declined_count;
  return (
    <li className={cx(classes['row'], running && classes['live'])} data-testid="meeting-row">
      <div className={classes['time']}>{time.range(meeting.starts_at, meeting.ends_at)}</div>
      <div>
        <Link to="/cuoc-hop/$meetingId" params={params} className={classes['title']}>
          {meeting.title}
        </Link>
        <div className={classes['meta']}>
          {[
            meeting.place,
            meeting.online && t('online'),
            t('list.chair', { name: meeting.chair_name }),
            t('list.items', { n: meeting.item_count }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      <div className={classes['marks']}>
        <MeetingStateMark state={meeting.state} />
        {meeting.my_role === 'member' || meeting.my_role === 'observer' ? (
          meeting.state !== 'cancelled' && <AnswerMark answer={meeting.my_answer} />
        ) : (
          <span className={cx(marks['mark'], marks['dim'])}>
            {t('list.answered', { n: answered, total: meeting.invited_count })}
          </span>
        )}
      </div>
      <div className={classes['end']}>
        {joinable ? (
          <ButtonLink to="/cuoc-hop/$meetingId/phong" params={params} size="xs">
            {t('join.enter')}
          </ButtonLink>
        ) : (
          <ButtonLink to="/cuoc-hop/$meetingId" params={params} size="xs" variant="default">
            {t(asked ? 'list.answer' : 'list.open')}
          </ButtonLink>
        )}
      </div>
    </li>
  );
}
