import { IconUsers } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { clock, fullDate } from '../../../lib/dates';
import { useNow } from '../../../lib/useNow';
import type { RoomMeeting } from '../api/room';
import { kindOf } from '../logic/people';
import type { RoomState } from '../room/types';
import { LineMark } from './LineMark';
import classes from './RoomHeader.module.css';

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
            <LineMark state={state} meetingId={meeting.id} small /> · {clock(now)}
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
        <LineMark state={state} meetingId={meeting.id} />
        <span className={classes['clock']}>{clock(now)}</span>
      </div>
    </header>
  );
}
