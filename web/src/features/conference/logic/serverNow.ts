import { useNow } from '../../../lib/useNow';
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

/** The server's time in milliseconds, read again every `every` milliseconds. */
export function useServerNow(floor: Floor | null, every: number): number {
  const now = useNow(every);
  // a floor that arrived after the last reading begins with the time of its arrival
  return Math.max(now.getTime() + serverAhead(floor), floor ? Date.parse(floor.server_time) : 0);
}
