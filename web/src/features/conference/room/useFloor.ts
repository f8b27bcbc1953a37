import { useEffect, useRef, useState } from 'react';
import { move } from '../../../lib/agenda';
import type { Floor, Turn } from '../../../media/types';
import { type FloorSettings, useFloorCommands } from '../api/floor';
import { type FloorPowers, floorEvents, inOrder, moreTime, powersOf, type Standing, standingOf } from '../logic/floor';
import { serverAhead } from '../logic/serverNow';
import type { RoomState } from './types';

/** The floor as one person of the room sees and works it. */
export interface FloorDesk {
  floor: Floor | null;
  powers: FloorPowers;
  standing: Standing;
  /** The queue, in the order that was asked for last. */
  waiting: Turn[];
  /** Refusal of the last act. */
  error: unknown;
  /** An act is on its way; the same one is not sent again. */
  busy: { ask: boolean; call: boolean; more: boolean; end: boolean; clear: boolean; settings: boolean };
  /** One's own turn that was withdrawn a moment ago. */
  withdrawn: Turn | null;
  /** Somebody else took one off the queue; gone when one asks or closes it. */
  lowered: boolean;
  closeLowered: () => void;
  ask: (topic: string, onDone?: () => void) => void;
  withdraw: (turn: Turn) => void;
  /** Takes somebody off the queue. */
  remove: (turn: Turn) => void;
  /** Asks again after withdrawing. */
  askAgain: () => void;
  move: (from: number, to: number) => void;
  /** Calls somebody of the queue. */
  call: (turn: Turn) => void;
  /** Calls somebody who did not ask. */
  callPerson: (appointmentId: string) => void;
  more: () => void;
  end: () => void;
  clear: (onDone: () => void) => void;
  change: (settings: FloorSettings) => void;
}

/** How long "Hoàn tác" stands, in milliseconds. */
const undoFor = 8_000;

/** The acts on the floor of a meeting, with what is known of it. */
export function useFloor(meetingId: string, role: string, state: Pick<RoomState, 'floor' | 'me'>): FloorDesk {
  const { floor, me } = state;
  serverAhead(floor); // measured as it arrives
  const commands = useFloorCommands(meetingId);
  const [order, setOrder] = useState<readonly string[] | null>(null);
  const [withdrawn, setWithdrawn] = useState<Turn | null>(null);
  const [lowered, setLowered] = useState(false);
  const before = useRef(floor);
  const own = useRef(''); // the turn that one withdraws oneself
  useEffect(() => {
    if (before.current?.version !== floor?.version) setOrder(null);
    for (const event of floorEvents(before.current, floor, me)) {
      if (event.kind === 'removed') setLowered(event.turn.id !== own.current);
      else if (event.kind !== 'mode') setLowered(false);
    }
    before.current = floor;
  }, [floor, me]);
  useEffect(() => {
    if (!withdrawn) return;
    const timer = setTimeout(() => setWithdrawn(null), undoFor);
    return () => clearTimeout(timer);
  }, [withdrawn]);

  const powers = powersOf(role);
  const waiting = inOrder(floor?.waiting ?? [], order);
  const all = Object.values(commands);
  const fresh = () => {
    for (const command of all) if (command.isError) command.reset();
  };
  const ask = (topic: string, onDone?: () => void) => {
    fresh();
    commands.ask.mutate(topic, {
      onSuccess: () => {
        setWithdrawn(null);
        onDone?.();
      },
    });
  };
  const call = (input: { turn_id?: string; appointment_id?: string }) => {
    fresh();
    if (!commands.call.isPending) commands.call.mutate(input);
  };
  return {
    floor,
    powers,
    standing: standingOf(floor, me),
    waiting,
    error: all.find((command) => command.error)?.error ?? null,
    busy: {
      ask: commands.ask.isPending,
      call: commands.call.isPending,
      more: commands.extend.isPending,
      end: commands.end.isPending,
      clear: commands.clear.isPending,
      settings: commands.settings.isPending,
    },
    withdrawn,
    lowered,
    closeLowered: () => setLowered(false),
    ask,
    withdraw: (turn) => {
      fresh();
      own.current = turn.id;
      commands.withdraw.mutate(turn.id, { onSuccess: () => setWithdrawn(turn) });
    },
    remove: (turn) => {
      fresh();
      commands.withdraw.mutate(turn.id);
    },
    askAgain: () => withdrawn && ask(withdrawn.topic),
    move: (from, to) => {
      fresh();
      const ids = move(waiting, from, to).map((turn) => turn.id);
      setOrder(ids);
      commands.order.mutate(ids, { onError: () => setOrder(null) });
    },
    call: (turn) => call({ turn_id: turn.id }),
    callPerson: (appointmentId) => call({ appointment_id: appointmentId }),
    more: () => {
      fresh();
      if (floor?.now && !commands.extend.isPending) commands.extend.mutate({ turnId: floor.now.id, seconds: moreTime });
    },
    end: () => {
      fresh();
      if (floor?.now && !commands.end.isPending) commands.end.mutate(floor.now.id);
    },
    clear: (onDone) => {
      fresh();
      commands.clear.mutate(null, { onSuccess: onDone });
    },
    change: (settings) => {
      fresh();
      commands.settings.mutate(settings);
    },
  };
}
