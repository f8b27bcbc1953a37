import { Button } from '@mantine/core';
import { IconMicrophoneOff, IconPlayerStopFilled, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import type { Turn } from '../../../media/types';
import { countdownOf, minutesOf, officeOf } from '../logic/floor';
import { useServerNow } from '../logic/serverNow';
import type { FloorDesk } from '../room/useFloor';
import { CountdownRing } from './CountdownRing';
import classes from './FloorPanel.module.css';

interface Props {
  desk: FloorDesk;
  turn: Turn;
  /** Turns off the speaker's microphone; undefined when it is off, or one may not. */
  onMute: (() => void) | undefined;
}

/** Who speaks, with the time left; who leads gives more time, mutes, ends. */
export function FloorNow({ desk, turn, onMute }: Props) {
  const { t } = useTranslation('room');
  const now = useServerNow(desk.floor);
  const countdown = countdownOf(turn, now);
  const phase = countdown?.phase ?? 'running';
  return (
    <section className={classes['now']} aria-label={t('floor.nowLabel')} data-testid="floor-now">
      <div className={classes['speaker']}>
        <CountdownRing countdown={countdown} />
        <div className={classes['who']}>
          <div className={classes['name']}>{turn.full_name}</div>
          <div className={classes['meta']}>{officeOf(turn)}</div>
          {turn.topic && <div className={classes['topic']}>{turn.topic}</div>}
          <div className={cx(classes['meta'], classes['given'], classes[phase])}>
            {t(`floor.phase.${phase}`, { minutes: minutesOf(turn.seconds) })}
          </div>
        </div>
      </div>
      {desk.powers.leads && (
        <div className={classes['acts']}>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={15} aria-hidden />}
            loading={desk.busy.more}
            aria-keyshortcuts="+"
            title={t('floor.moreKey')}
            onClick={desk.more}
          >
            {t('floor.more')}
          </Button>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconMicrophoneOff size={15} aria-hidden />}
            disabled={!onMute}
            onClick={onMute}
          >
            {t('people.mute')}
          </Button>
          <Button
            variant="danger"
            size="xs"
            leftSection={<IconPlayerStopFilled size={14} aria-hidden />}
            loading={desk.busy.end}
            onClick={desk.end}
          >
            {t('floor.end')}
          </Button>
        </div>
      )}
    </section>
  );
}
