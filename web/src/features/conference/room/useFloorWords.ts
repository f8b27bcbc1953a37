import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Floor } from '../../../media/types';
import { countdownOf, floorEvents, markPassed, signedSeconds } from '../logic/floor';
import { useServerNow } from '../logic/serverNow';
import type { FloorDesk } from './useFloor';

/** What is read out about the floor. */
export interface FloorWords {
  polite: string;
  assertive: string;
}

const silent: FloorWords = { polite: '', assertive: '' };

/** Words for who hears the page rather than sees it: the call, the place in the queue, the time of the speaker. */
export function useFloorWords(desk: FloorDesk, me: string): FloorWords {
  const { t } = useTranslation('room');
  const [words, setWords] = useState(silent);
  const { floor } = desk;
  const before = useRef<Floor | null>(null);
  useEffect(() => {
    const events = floorEvents(before.current, floor, me);
    before.current = floor;
    const polite: string[] = [];
    let assertive = '';
    for (const event of events) {
      if (event.kind === 'called') assertive = t('call.said');
      else if (event.kind === 'place') polite.push(t('ask.place', { place: event.place }));
      else if (event.kind === 'ended') polite.push(t('floor.turnOver'));
      else if (event.kind === 'mode') polite.push(t(`floor.modeHint.${event.mode}`));
    }
    if (events.length > 0) setWords({ polite: polite.join(' '), assertive });
  }, [floor, me, t]);

  const now = useServerNow(floor);
  const turn = floor?.now ?? null;
  const countdown = turn ? countdownOf(turn, now) : null;
  const left = countdown ? signedSeconds(countdown) : null;
  const listens = desk.powers.leads || desk.standing.kind === 'speaking';
  const last = useRef<{ turn: string; left: number } | null>(null);
  useEffect(() => {
    if (!turn || left === null || !listens) {
      last.current = null;
      return;
    }
    const mark = last.current?.turn === turn.id ? markPassed(last.current.left, left) : null;
    last.current = { turn: turn.id, left };
    if (mark !== null) setWords({ polite: t(`floor.said.${mark}`), assertive: '' });
  }, [turn, left, listens, t]);
  return words;
}
