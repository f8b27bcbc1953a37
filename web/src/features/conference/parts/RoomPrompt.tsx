import { Button } from '@mantine/core';
import { IconMicrophone } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { minutesOf } from '../logic/floor';
import { useAfter } from '../logic/useAfter';
import type { RoomActions, RoomState } from '../room/types';
import type { FloorDesk } from '../room/useFloor';
import classes from './RoomPrompt.module.css';

interface Props {
  desk: FloorDesk;
  state: RoomState;
  actions: RoomActions;
}

/** How long the microphone may take to open by itself before the page asks, in milliseconds. */
const opensWithin = 1_500;

/**
 * Asks the person to turn the microphone on: called to speak without having asked, or asked by who
 * leads. Nobody is unmuted by another, so the answer is a press of the person.
 */
export function RoomPrompt({ desk, state, actions }: Props) {
  const { t } = useTranslation('room');
  const turn = desk.standing.kind === 'speaking' ? desk.standing.turn : null;
  const [answered, setAnswered] = useState('');
  useEffect(() => {
    if (turn && state.mic) setAnswered(turn.id);
  }, [turn, state.mic]);
  const waits = turn !== null && turn.id !== answered && !state.mic && state.phase === 'joined';
  const called = useAfter(waits, opensWithin);
  if (called && turn) {
    return (
      <Question
        title={t('call.title')}
        text={t('call.text', { minutes: minutesOf(turn.seconds) })}
        onOn={() => actions.setMic(true)}
        onLater={() => setAnswered(turn.id)}
      />
    );
  }
  if (state.micAskedBy !== '' && !state.mic && !turn) {
    return (
      <Question
        title={t('call.asked', { name: state.micAskedBy })}
        text={t('call.askedText')}
        onOn={() => actions.setMic(true)}
        onLater={actions.refuseMic}
      />
    );
  }
  return null;
}

interface QuestionProps {
  title: string;
  text: string;
  onOn: () => void;
  onLater: () => void;
}

function Question({ title, text, onOn, onLater }: QuestionProps) {
  const { t } = useTranslation('room');
  return (
    <div className={classes['prompt']} role="alertdialog" aria-label={title} data-testid="mic-question">
      <IconMicrophone size={26} stroke={1.6} className={classes['icon']} aria-hidden />
      <div className={classes['text']}>
        <b>{title}</b>
        <div>{text}</div>
      </div>
      <div className={classes['buttons']}>
        <Button size="md" onClick={onOn}>
          {t('controls.micOn')}
        </Button>
        <Button size="md" variant="default" onClick={onLater}>
          {t('call.later')}
        </Button>
      </div>
    </div>
  );
}
