// What follows for one's own devices from rights and the queue of speakers. Pure.

import type { Floor, Rights, SendKind, TakenWhy } from './types';

export const allRights: Rights = { mic: true, camera: true, screen: true };

const kinds: readonly SendKind[] = ['mic', 'camera', 'screen'];

/** Where one stands in the queue. */
export type Standing =
  | { at: 'none' }
  | { at: 'waiting'; turnId: string; place: number }
  | { at: 'speaking'; turnId: string };

/** Where somebody stands; `place` counts from 0. */
export function standing(floor: Floor | null, appointmentId: string | undefined): Standing {
  if (!floor || !appointmentId) return { at: 'none' };
  if (floor.now?.appointment_id === appointmentId) return { at: 'speaking', turnId: floor.now.id };
  const place = floor.waiting.findIndex((turn) => turn.appointment_id === appointmentId);
  const turn = floor.waiting[place];
  return turn ? { at: 'waiting', turnId: turn.id, place } : { at: 'none' };
}

/**
 * Whether the own turn begins that one asked for: only then the microphone opens by itself. Whoever is
 * called without asking turns it on by hand.
 */
export function turnBegins(before: Standing, after: Standing): boolean {
  return after.at === 'speaking' && before.at === 'waiting' && before.turnId === after.turnId;
}

/** The microphone of the next but one is made ready, silent, so that no first word is lost. */
export function isNearlyCalled(at: Standing): boolean {
  return at.at === 'waiting' && at.place < 2;
}

/** What is on and may not be any more. */
export function overdrawn(on: Rights, rights: Rights): SendKind[] {
  return kinds.filter((kind) => on[kind] && !rights[kind]);
}

/** What was taken away, after rights changed. */
export function takenAfter(
  before: Partial<Record<SendKind, TakenWhy>>,
  lost: readonly SendKind[],
  rights: Rights,
  why: TakenWhy,
): Partial<Record<SendKind, TakenWhy>> {
  const after: Partial<Record<SendKind, TakenWhy>> = {};
  for (const kind of kinds) {
    if (rights[kind]) continue;
    const reason = lost.includes(kind) ? why : before[kind];
    if (reason) after[kind] = reason;
  }
  return after;
}
