import { Button } from '@mantine/core';
import { IconHandOff, IconHandStop, IconMicrophone, IconMicrophoneOff, type TablerIcon } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import type { Turn } from '../../../media/types';
import { countdownOf } from '../logic/floor';
import { useServerNow } from '../logic/serverNow';
import type { RoomState } from '../room/types';
import type { FloorDesk } from '../room/useFloor';
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
        <Line testId="lowered" text={t('floor.lowered')} onClose={desk.closeLowered} Icon={IconHandOff} />
      )}
      {taken && standing.kind === 'none' && !closed && (
        <Line testId="mic-taken" text={t(`taken.${taken}`)} onClose={() => setClosed(true)} Icon={IconMicrophoneOff} />
      )}
    </div>
  );
}

interface LineProps {
  Icon: TablerIcon;
  text: string;
  testId: string;
  onClose: () => void;
}

function Line({ Icon, text, testId, onClose }: LineProps) {
  const { t } = useTranslation('room');
  return (
    <div className={classes['note']} role="status" data-testid={testId}>
      <Icon size={18} aria-hidden />
      <span className={classes['text']}>{text}</span>
      <Button variant="subtle" size="xs" onClick={onClose}>
        {t('common:action.close')}
      </Button>
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
