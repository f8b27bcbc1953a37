// The speaker and the queue as the room shows them. Pure: the clock comes in, words go out as keys.

import type { Floor, Turn } from '../../../media/types';

/** From here on the time is amber, and from there red with other words. Seconds. */
export const soonFrom = 60;
export const lastFrom = 15;

/** What "+2 phút" gives. Seconds. */
export const moreTime = 120;

export type CountdownPhase =
  | 'running'
  /** Within the last minute. */
  | 'soon'
  /** Within the last seconds. */
  | 'last'
  /** The time is used up; it counts upwards. */
  | 'over';

export interface Countdown {
  phase: CountdownPhase;
  /** Whole seconds left; when over, whole seconds beyond the end. */
  seconds: number;
  /** "02:14" while time is left, "0:42" when over. */
  text: string;
  /** Part of the time that is left, 0 to 1. */
  left: number;
}

/** How much a server's clock is ahead of ours, in milliseconds, from an answer that arrived just now. */
export function aheadBy(serverTime: string, receivedAt: number): number {
  const ahead = Date.parse(serverTime) - receivedAt;
  return Number.isFinite(ahead) ? ahead : 0;
}

/** The countdown of a turn; null when it has no end. `now` is the server's time in milliseconds. */
export function countdownOf(turn: Pick<Turn, 'called_at' | 'ends_at'>, now: number): Countdown | null {
  if (!turn.ends_at) return null;
  const end = Date.parse(turn.ends_at);
  const left = end - now;
  if (left <= 0) {
    const seconds = Math.floor((now - end) / 1000);
    return { phase: 'over', seconds, text: minutesText(seconds, 1), left: 0 };
  }
  const seconds = Math.ceil(left / 1000);
  const whole = turn.called_at ? end - Date.parse(turn.called_at) : left;
  return {
    phase: seconds <= lastFrom ? 'last' : seconds <= soonFrom ? 'soon' : 'running',
    seconds,
    text: minutesText(seconds, 2),
    left: whole > 0 ? Math.min(1, left / whole) : 0,
  };
}

/** "02:14" or "2:14": minutes with at least so many digits, and seconds. */
export function minutesText(seconds: number, digits: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${String(minutes).padStart(digits, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Marks at which the time left is said aloud. Seconds. */
const spokenMarks = [120, 60, 15, 0] as const;
export type SpokenMark = (typeof spokenMarks)[number];

/** The mark that was passed between two readings of the time left (negative when over), the lowest one; null for none. */
export function markPassed(before: number, after: number): SpokenMark | null {
  const passed = spokenMarks.filter((mark) => before > mark && after <= mark);
  return passed.at(-1) ?? null;
}

/** Time left as one number that goes below zero, for `markPassed`. */
export function signedSeconds(countdown: Countdown): number {
  return countdown.phase === 'over' ? -countdown.seconds : countdown.seconds;
}

/** Whole minutes somebody waits; 0: has asked just now. */
export function waitedMinutes(turn: Pick<Turn, 'asked_at'>, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(turn.asked_at)) / 60_000));
}

/** True in the seconds after somebody asked, when the row is marked as new. */
export function isFresh(turn: Pick<Turn, 'asked_at'>, now: number): boolean {
  return now - Date.parse(turn.asked_at) < 2_000;
}

/** "Giám đốc · Sở Tài chính": who speaks or waits, for whom. */
export function officeOf(turn: Pick<Turn, 'position' | 'agency_name' | 'agency_short_name'>): string {
  return [turn.position, turn.agency_short_name || turn.agency_name].filter(Boolean).join(' · ');
}

/** Minutes that a turn was given, without a fraction when there is none: "5", "2,5". */
export function minutesOf(seconds: number): string {
  const minutes = Math.round(seconds / 6) / 10;
  return String(minutes).replace('.', ',');
}

/** How one stands to the floor. */
export type Standing =
  | { kind: 'none' }
  /** `place` counts from 1. */
  | { kind: 'waiting'; place: number; turn: Turn }
  | { kind: 'speaking'; turn: Turn };

/** Where a person stands: speaks, waits at a place, or neither. */
export function standingOf(floor: Floor | null, appointmentId: string): Standing {
  if (!floor || appointmentId === '') return { kind: 'none' };
  if (floor.now?.appointment_id === appointmentId) return { kind: 'speaking', turn: floor.now };
  const at = floor.waiting.findIndex((turn) => turn.appointment_id === appointmentId);
  const turn = floor.waiting[at];
  return turn ? { kind: 'waiting', place: at + 1, turn } : { kind: 'none' };
}

/** The queue in an order that was asked for but is not confirmed yet: unknown ids are left out, new people stand at the end. */
export function inOrder(waiting: readonly Turn[], ids: readonly string[] | null): Turn[] {
  if (!ids) return [...waiting];
  const known = ids.flatMap((id) => waiting.find((turn) => turn.id === id) ?? []);
  return [...known, ...waiting.filter((turn) => !ids.includes(turn.id))];
}

/** What somebody may do with the floor, by role and mode. */
export interface FloorPowers {
  /** Calls, orders, mutes. */
  leads: boolean;
  /** May ask to speak. Who chairs and the hall speak without asking; observers never do. */
  asks: boolean;
  /** Looks and listens only. */
  watches: boolean;
}

/** Roles that conduct the meeting. */
const leading = new Set(['chair', 'secretary', 'operator']);

/** What a role may do. */
export function powersOf(role: string): FloorPowers {
  const watches = role === 'observer' || role === '';
  return { leads: leading.has(role), asks: !watches && role !== 'chair' && role !== 'hall', watches };
}

/** Something of the floor that one has to be told. */
export type FloorEvent =
  | { kind: 'called'; turn: Turn }
  /** One's own turn is over. */
  | { kind: 'ended' }
  /** Taken off the queue by somebody else. */
  | { kind: 'removed'; turn: Turn }
  /** The place in the queue changed, or one has just asked. */
  | { kind: 'place'; place: number }
  /** Another mode: now only who is called may speak, or everybody. */
  | { kind: 'mode'; mode: Floor['mode'] };

/** What happened to a person between two states of the floor. Nothing before the first one. */
export function floorEvents(before: Floor | null, after: Floor | null, appointmentId: string): FloorEvent[] {
  if (!before || !after || before.meeting_id !== after.meeting_id) return [];
  const events: FloorEvent[] = before.mode === after.mode ? [] : [{ kind: 'mode', mode: after.mode }];
  const was = standingOf(before, appointmentId);
  const is = standingOf(after, appointmentId);
  if (is.kind === 'speaking') {
    if (was.kind !== 'speaking' || was.turn.id !== is.turn.id) events.push({ kind: 'called', turn: is.turn });
    return events;
  }
  if (was.kind === 'speaking') events.push({ kind: 'ended' });
  if (is.kind === 'waiting') {
    if (was.kind !== 'waiting' || was.place !== is.place) events.push({ kind: 'place', place: is.place });
  } else if (was.kind === 'waiting') {
    events.push({ kind: 'removed', turn: was.turn });
  }
  return events;
}
