import type { Delivery } from '../api/deliveries';

/** How many documents of the fresh first page are not in the list that the reader sees. */
export function newcomers(fresh: readonly Delivery[], shown: readonly Delivery[]): Delivery[] {
  const known = new Set(shown.map((d) => d.id));
  return fresh.filter((d) => !known.has(d.id));
}

/**
 * The shown list with fresh states in their places: nothing is added, nothing moves, so that the list
 * never jumps under the pointer. What left the filter stays until the reader asks for the new list.
 */
export function refreshed(shown: readonly Delivery[], fresh: readonly Delivery[]): Delivery[] {
  const byId = new Map(fresh.map((d) => [d.id, d]));
  return shown.map((d) => {
    const now = byId.get(d.id);
    return now && now.version >= d.version ? now : d;
  });
}

/** The neighbour of a row, for the keys J and K. */
export function neighbour(ids: readonly string[], current: string | undefined, step: 1 | -1): string | undefined {
  if (ids.length === 0) return undefined;
  const at = current === undefined ? -1 : ids.indexOf(current);
  if (at < 0) return ids[step === 1 ? 0 : ids.length - 1];
  return ids[Math.min(Math.max(at + step, 0), ids.length - 1)];
}
