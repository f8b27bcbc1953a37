import { Button } from '@mantine/core';
import { IconUsers, IconVideo } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { clock, isSameDay, minutesUntil, shortDate } from '../../../lib/dates';
import type { WorkMeeting } from '../../../shared/work/api';
import styles from './Home.module.css';

/** The room opens this many minutes before the meeting. */
const doorMinutes = 30;

function canEnter(meeting: WorkMeeting, now: Date): boolean {
  if (!meeting.online) return false;
  return meeting.state === 'live' || minutesUntil(meeting.starts_at, now) <= doorMinutes;
}

function startWords(meeting: WorkMeeting, now: Date, t: TFunction<'inbox'>): string {
  const minutes = minutesUntil(meeting.starts_at, now);
  if (meeting.state === 'live') return t('meeting.live');
  if (minutes > 0 && minutes <= 90) return t('meeting.inMinutes', { count: minutes });
  if (minutes <= 0) return t('meeting.now');
  return isSameDay(meeting.starts_at, now) ? '' : shortDate(meeting.starts_at, now);
}

/** On phones: the next meeting above the list. */
export function NextMeeting({ meeting, now }: { meeting: WorkMeeting; now: Date }): ReactElement {
  const { t } = useTranslation('inbox');
  return (
    <div className={styles['nextMeeting']}>
      <div>
        <p className={styles['nextTitle']}>
          {clock(meeting.starts_at)} {meeting.title}
        </p>
        <p className={styles['soon']}>{startWords(meeting, now, t)}</p>
      </div>
      <EnterButton meeting={meeting} now={now} />
    </div>
  );
}

function EnterButton({ meeting, now }: { meeting: WorkMeeting; now: Date }): ReactElement {
  const { t } = useTranslation('inbox');
  const params = { meetingId: meeting.id };
  return canEnter(meeting, now) ? (
    <Button
      aria-label={t('meeting.enterNamed', { title: meeting.title })}
      renderRoot={(props) => <Link to="/cuoc-hop/$meetingId/phong" params={params} {...props} />}
    >
      {t('meeting.enter')}
    </Button>
  ) : (
    <Button
      variant="default"
      aria-label={t('meeting.openNamed', { title: meeting.title })}
      renderRoot={(props) => <Link to="/cuoc-hop/$meetingId" params={params} {...props} />}
    >
      {t('meeting.open')}
    </Button>
  );
}

/** Meetings of today and the next days, the first one with the way in. */
export function Meetings({ meetings, now }: { meetings: readonly WorkMeeting[]; now: Date }): ReactElement {
  const { t } = useTranslation('inbox');
  const [next, ...rest] = meetings;
  return (
    <section className={styles['panel']} aria-labelledby="meetings">
      <div className={styles['panelHead']}>
        <h2 id="meetings">{t('meeting.title')}</h2>
        <Link to="/cuoc-hop">{t('meeting.all')}</Link>
      </div>
      {!next && <p className={styles['none']}>{t('meeting.none')}</p>}
      {next && (
        <div className={styles['next']}>
          <div className={styles['nextTop']}>
            <span className={styles['nextTime']}>
              {clock(next.starts_at)} – {clock(next.ends_at)}
            </span>
            <span className={styles['soon']}>{startWords(next, now, t)}</span>
          </div>
          <Link className={styles['nextName']} to="/cuoc-hop/$meetingId" params={{ meetingId: next.id }}>
            {next.title}
          </Link>
          <span className={styles['where']}>
            {next.online ? (
              <IconVideo size={16} stroke={1.6} aria-hidden="true" />
            ) : (
              <IconUsers size={16} stroke={1.6} aria-hidden="true" />
            )}
            {[next.online ? t('meeting.online') : next.place, t('meeting.items', { count: next.item_count })].join(
              ' · ',
            )}
          </span>
          {next.my_answer === 'none' && <span className={styles['soon']}>{t('meeting.unanswered')}</span>}
          <EnterButton meeting={next} now={now} />
        </div>
      )}
      {rest.map((meeting) => (
        <Link
          key={meeting.id}
          className={styles['meeting']}
          to="/cuoc-hop/$meetingId"
          params={{ meetingId: meeting.id }}
        >
          <span className={styles['meetingTime']}>
            {clock(meeting.starts_at)}
            {!isSameDay(meeting.starts_at, now) && <small>{shortDate(meeting.starts_at, now)}</small>}
          </span>
          <span className={styles['meetingBody']}>
            <span className={styles['meetingName']}>{meeting.title}</span>
            <span className={styles['meta']}>{meeting.online ? t('meeting.online') : meeting.place}</span>
            {meeting.my_answer === 'none' && <span className={styles['soon']}>{t('meeting.unanswered')}</span>}
          </span>
        </Link>
      ))}
    </section>
  );
}
