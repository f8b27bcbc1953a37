// Times and order of an agenda. Pure; shared by the preparation page and the room.

/** The part of an agenda item that its place in time depends on. */
export interface TimedItem {
  id: string;
  minutes: number;
}

/** The part of an agenda item that says how far the meeting has come. */
export interface RunningItem extends TimedItem {
  starts_at: string;
  started_at?: string | null;
  ended_at?: string | null;
}

const minute = 60_000;

/** Planned start of each item, in order, when the first begins with the meeting. */
export function startTimes(startsAt: string, items: readonly TimedItem[]): Date[] {
  let at = new Date(startsAt).getTime();
  return items.map((item) => {
    const start = new Date(at);
    at += item.minutes * minute;
    return start;
  });
}

/** Sum of the planned minutes. */
export function totalMinutes(items: readonly TimedItem[]): number {
  return items.reduce((sum, item) => sum + item.minutes, 0);
}

/** Minutes between the end of the last item and the end of the meeting; negative when it does not fit. */
export function spareMinutes(startsAt: string, endsAt: string, items: readonly TimedItem[]): number {
  const planned = (new Date(endsAt).getTime() - new Date(startsAt).getTime()) / minute;
  return Math.round(planned - totalMinutes(items));
}

/** A copy of the list with the element at `from` moved to `to`; places outside the list are clamped. */
export function move<T>(list: readonly T[], from: number, to: number): T[] {
  const copy = [...list];
  const [taken] = copy.splice(from, 1);
  if (taken === undefined) return copy;
  copy.splice(Math.max(0, Math.min(to, copy.length)), 0, taken);
  return copy;
}

export type ItemPhase = 'done' | 'now' | 'next';

/** Where an item stands in a running meeting. */
export function phaseOf(item: RunningItem, currentId: string | null | undefined): ItemPhase {
  if (item.id === currentId) return 'now';
  return item.ended_at ? 'done' : 'next';
}

/** Whole minutes left of the item's planned time, negative when it is overrun; null when it has not begun. */
export function minutesLeft(item: RunningItem, now: Date): number | null {
  if (!item.started_at) return null;
  const end = new Date(item.started_at).getTime() + item.minutes * minute;
  const left = (end - now.getTime()) / minute;
  return left >= 0 ? Math.ceil(left) : Math.floor(left);
}

/** Minutes by which the current item began later than planned (negative: earlier); null before the first item. */
export function delayMinutes(items: readonly RunningItem[], currentId: string | null | undefined): number | null {
  const current = items.find((item) => item.id === currentId);
  if (!current?.started_at) return null;
  return Math.round((new Date(current.started_at).getTime() - new Date(current.starts_at).getTime()) / minute);
}

/** The item that the chair calls next: the first after the current one that is not done. */
export function nextItem<T extends RunningItem>(
  items: readonly T[],
  currentId: string | null | undefined,
): T | undefined {
  const at = items.findIndex((item) => item.id === currentId);
  return items.slice(at + 1).find((item) => !item.ended_at);
}
