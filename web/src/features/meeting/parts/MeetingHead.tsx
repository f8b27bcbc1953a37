import { IconBuilding, IconClock, IconMapPin, IconVideo } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useMeetingTime } from '../logic/useMeetingTime';
import type { Meeting } from '../types';
import classes from './MeetingHead.module.css';
import { MeetingStateMark } from './marks';

/** Title, time, place and chair of a meeting, with its actions on the right. */
export function MeetingHead({
  meeting,
  actions,
  children,
}: {
  meeting: Meeting;
  actions: ReactNode;
  children?: ReactNode;
}) {
  const { t } = useTranslation('meeting');
  const time = useMeetingTime();
  return (
    <header className={classes['head']}>
      <div className={classes['top']}>
        <div>
          <h2 className={classes['title']}>{meeting.title}</h2>
          <ul className={classes['meta']}>
            <li>
              <MeetingStateMark state={meeting.state} />
            </li>
            <li>
              <IconClock size={16} stroke={1.7} aria-hidden />
              {time.range(meeting.starts_at, meeting.ends_at)}, {time.weekday(meeting.starts_at)}
            </li>
            {meeting.place && (
              <li>
                <IconMapPin size={16} stroke={1.7} aria-hidden />
                {meeting.place}
              </li>
            )}
            {meeting.online && (
              <li>
                <IconVideo size={16} stroke={1.7} aria-hidden />
                {t('online')}
              </li>
            )}
            <li>
              <IconBuilding size={16} stroke={1.7} aria-hidden />
              {meeting.agency_name}
            </li>
            <li>
              {t('role.chair')}: <b>{meeting.chair.full_name}</b>
            </li>
          </ul>
        </div>
        <div className={classes['actions']}>{actions}</div>
      </div>
      {children && <div className={classes['below']}>{children}</div>}
    </header>
  );
}
