import { IconPlugConnected, IconPlugConnectedX, IconUsers, IconWifi } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { clock, fullDate } from '../../../lib/dates';
import { useNow } from '../../../lib/useNow';
import type { RoomMeeting } from '../api/room';
import { kindOf } from '../logic/people';
import type { RoomState } from '../room/types';
import classes from './RoomHeader.module.css';

/** How the line is, in a word with shape and colour. */
export function lineOf(state: Pick<RoomState, 'phase' | 'media'>): 'connecting' | 'good' | 'lost' | 'failed' {
  if (state.media === 'failed') return 'failed';
  if (state.phase === 'reconnecting') return 'lost';
  return state.phase === 'joining' || state.media === 'connecting' ? 'connecting' : 'good';
}

const lines = {
  connecting: { Icon: IconPlugConnected, tone: 'amber' },
  good: { Icon: IconWifi, tone: 'green' },
  lost: { Icon: IconPlugConnectedX, tone: 'red' },
  failed: { Icon: IconPlugConnectedX, tone: 'amber' },
} as const;

/** Title of the meeting, people in the room, the line, and the time. */
export function RoomHeader({
  meeting,
  state,
  onPeople,
}: {
  meeting: RoomMeeting;
  state: RoomState;
  /** Opens the list of everybody. */
  onPeople?: () => void;
}) {
  const { t } = useTranslation('room');
  const now = useNow(5_000).toISOString();
  const line = lineOf(state);
  const { Icon, tone } = lines[line];
  const expected = meeting.invitations.filter((i) => i.sent_at).length;
  const kind = kindOf(meeting.invitations);
  return (
    <header className={classes['header']}>
      <div className={classes['left']}>
        <img src="/icon.svg" alt="" width={28} height={28} className={classes['logo']} />
        <div style={{ minWidth: 0 }}>
          <h1 className={classes['title']}>{meeting.title}</h1>
          <div className={cx(classes['sub'], classes['subDate'])}>
            {fullDate(meeting.starts_at)} ·{' '}
            {meeting.opened_at
              ? t('header.opened', { at: clock(meeting.opened_at) })
              : t('header.starts', { at: clock(meeting.starts_at) })}
          </div>
          <div className={cx(classes['sub'], classes['subLine'])}>
            <Icon size={15} stroke={1.8} className={classes[tone]} aria-hidden />
            {t(`line.${line}`)} · {clock(now)}
          </div>
        </div>
      </div>
      <div className={classes['facts']}>
        <button type="button" className={cx(classes['fact'], classes['people'])} onClick={onPeople}>
          <IconUsers size={17} stroke={1.7} aria-hidden />
          {t(`header.${kind}`)}{' '}
          <b data-testid="people-here">
            {state.people.length}/{Math.max(expected, state.people.length)}
          </b>
        </button>
        <span className={classes['fact']} data-testid="line" data-line={line}>
          <Icon size={17} stroke={1.8} className={classes[tone]} aria-hidden />
          {t(`line.${line}`)}
        </span>
        <span className={classes['clock']}>{clock(now)}</span>
      </div>
    </header>
  );
}
