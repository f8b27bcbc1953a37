import { Button } from '@mantine/core';
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconHandStop,
  IconMicrophone,
  IconMicrophoneOff,
  IconPlayerPlayFilled,
  IconUserX,
  IconVideo,
  IconVideoOff,
  IconWifi1,
} from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { PersonAvatar } from '../../../ui/PersonAvatar';
import type { Listed } from '../logic/people';
import classes from './RoomPeople.module.css';

/** What may be done with somebody of the list; undefined: not by me. */
export interface RowActs {
  onMute: ((personId: string) => void) | undefined;
  onAskMic: ((personId: string) => void) | undefined;
  onCall: ((appointmentId: string) => void) | undefined;
}

const states = {
  speaking: { Icon: IconPlayerPlayFilled, tone: 'gold' },
  asks: { Icon: IconHandStop, tone: 'gold' },
  connected: { Icon: IconCircleCheckFilled, tone: 'green' },
  weak: { Icon: IconWifi1, tone: 'amber' },
  lost: { Icon: IconAlertTriangleFilled, tone: 'red' },
  away: { Icon: IconCircleDashed, tone: 'dim' },
  declined: { Icon: IconUserX, tone: 'dim' },
} as const;

interface Props {
  row: Listed;
  acts: RowActs;
}

/** One person or point of the list. It is drawn again only when something of it changed: the list has up to 200. */
export const PeopleRow = memo(Row, (before, after) => before.acts === after.acts && same(before.row, after.row));

function same(a: Listed, b: Listed): boolean {
  return (Object.keys(a) as (keyof Listed)[]).every((key) => a[key] === b[key]);
}

function Row({ row, acts }: Props) {
  const { t } = useTranslation('room');
  const { Icon, tone } = states[row.state];
  const here = row.personId !== '';
  return (
    <li
      className={cx(classes['person'], (row.speaking || row.state === 'speaking') && classes['speaking'])}
      data-testid="room-person"
    >
      <PersonAvatar name={row.name} chair={row.chair} />
      <div className={classes['who']}>
        <div className={classes['name']}>{row.self ? t('tile.self', { name: row.name }) : row.name}</div>
        <div className={classes['office']}>
          {row.role !== 'member' && (
            <span className={cx(row.chair && classes['gold'])}>{t(`role.${row.role}`)} · </span>
          )}
          {row.office}
        </div>
        <div className={cx(classes['state'], classes[tone])}>
          <Icon size={14} stroke={1.8} aria-hidden />
          {t(`people.state.${row.state}`, { place: row.hand })}
        </div>
      </div>
      {here && (
        <span className={classes['devices']}>
          {row.mic ? (
            <IconMicrophone size={17} role="img" className={classes['on']} aria-label={t('tile.micOn')} />
          ) : (
            <IconMicrophoneOff size={17} role="img" aria-label={t('tile.micOff')} />
          )}
          {row.camera ? (
            <IconVideo size={17} role="img" className={classes['on']} aria-label={t('tile.cameraOn')} />
          ) : (
            <IconVideoOff size={17} role="img" aria-label={t('tile.cameraOff')} />
          )}
        </span>
      )}
      {here && row.role !== 'observer' && <RowButtons row={row} acts={acts} />}
    </li>
  );
}

function RowButtons({ row, acts: { onMute, onAskMic, onCall } }: Props) {
  const { t } = useTranslation('room');
  const { name } = row;
  return (
    <span className={classes['buttons']}>
      {onMute && !row.self && row.mic && (
        <Button
          variant="default"
          size="xs"
          aria-label={t('people.muteOf', { name })}
          onClick={() => onMute(row.personId)}
        >
          {t('people.mute')}
        </Button>
      )}
      {onAskMic && !row.self && !row.mic && (
        <Button
          variant="default"
          size="xs"
          aria-label={t('people.askMicOf', { name })}
          onClick={() => onAskMic(row.personId)}
        >
          {t('people.askMic')}
        </Button>
      )}
      {onCall && row.state !== 'speaking' && !row.chair && (
        <Button
          variant="default"
          size="xs"
          aria-label={t('people.callOf', { name })}
          onClick={() => onCall(row.appointmentId)}
        >
          {t('floor.call')}
        </Button>
      )}
    </span>
  );
}
