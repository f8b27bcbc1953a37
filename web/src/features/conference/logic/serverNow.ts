import { useSyncExternalStore } from 'react';
import type { Floor } from '../../../media/types';
import { aheadBy } from './floor';

const ahead = new WeakMap<Floor, number>();

/** How much the server's clock is ahead; the first call for a floor must come when it has just arrived. */
export function serverAhead(floor: Floor | null): number {
  if (!floor) return 0;
  const known = ahead.get(floor);
  if (known !== undefined) return known;
  const measured = aheadBy(floor.server_time, Date.now());
  ahead.set(floor, measured);
  return measured;
}

// One tick for all that shows the time, so that a ring and a figure never differ by a second.
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let tick = 0;

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    tick = Date.now();
    timer = setInterval(() => {
      tick = Date.now();
      for (const each of listeners) each();
    }, 1_000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** The server's time in milliseconds, read once a second. */
export function useServerNow(floor: Floor | null): number {
  const now = useSyncExternalStore(subscribe, () => tick);
  // a floor that arrived after the last tick begins with the time of its arrival
  return Math.max(now + serverAhead(floor), floor ? Date.parse(floor.server_time) : 0);
}
