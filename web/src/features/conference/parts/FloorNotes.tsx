import { Button } from '@mantine/core';
import { IconHandOff, IconHandStop, IconMicrophone, IconMicrophoneOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import type { Turn } from '../../../media/types';
import { countdownOf } from '../logic/floor';
import { useServerNow } from '../logic/serverNow';
import type { RoomState } from '../room/types';
import type { FloorDesk } from '../room/useFloor';
import { NoteLine } from './NoteLine';
import classes from './RoomNotes.module.css';

interface Props {
  desk: FloorDesk;
  state: RoomState;
  phone: boolean;
}

/** Lines above the stage about one's own part: waits, speaks, the microphone was turned off and why. */
export function FloorNotes({ desk, state, phone }: Props) {
  const { t } = useTranslation('room');
  const { standing } = desk;
  const [closed, setClosed] = useState(false);
  const { mic: taken } = state.taken;
  useEffect(() => {
    if (taken) setClosed(false);
  }, [taken]);
  return (
    <div className={classes['notes']}>
      {standing.kind === 'speaking' && <Speaking desk={desk} turn={standing.turn} mic={state.mic} />}
      {phone && standing.kind === 'waiting' && (
        <div className={cx(classes['note'], classes['gold'])}>
          <IconHandStop size={20} stroke={1.8} aria-hidden />
          <span className={classes['text']}>
            <Trans t={t} i18nKey="ask.placeRich" values={{ place: standing.place }} components={{ b: <b /> }} />
          </span>
          <Button variant="subtle" size="xs" onClick={() => desk.withdraw(standing.turn)}>
            {t('floor.withdraw')}
          </Button>
        </div>
      )}
      {desk.lowered && standing.kind === 'none' && (
        <NoteLine Icon={IconHandOff} testId="lowered" plain verb={t('common:action.close')} onPress={desk.closeLowered}>
          {t('floor.lowered')}
        </NoteLine>
      )}
      {taken && standing.kind === 'none' && !closed && (
        <NoteLine
          Icon={IconMicrophoneOff}
          testId="mic-taken"
          plain
          verb={t('common:action.close')}
          onPress={() => setClosed(true)}
        >
          {t(`taken.${taken}`)}
        </NoteLine>
      )}
    </div>
  );
}

function Speaking({ desk, turn, mic }: { desk: FloorDesk; turn: Turn; mic: boolean }) {
  const { t } = useTranslation('room');
  const countdown = countdownOf(turn, useServerNow(desk.floor));
  return (
    <div className={cx(classes['note'], classes['gold'])} data-testid="own-turn">
      <IconMicrophone size={20} stroke={1.8} aria-hidden />
      <span className={classes['text']}>
        <b>{t(mic ? 'call.speaking' : 'call.speakingMuted')}</b>
        {countdown && (
          <span className={cx(classes['time'], classes[countdown.phase])}>
            {t(countdown.phase === 'over' ? 'floor.overText' : 'floor.leftText', { time: countdown.text })}
            {countdown.phase === 'last' && ` · ${t('floor.lastWord')}`}
          </span>
        )}
      </span>
    </div>
  );
}
