// Dates and times of a meeting, always in Vietnam time whatever the browser's zone is. Pure.
// Vietnam has kept UTC+7 without summer time since 1975, so a fixed offset is right for every meeting.

const offset = 7 * 3_600_000;

/** The instant of a local date ("2026-11-24") and time ("08:30"), as RFC 3339 in UTC; null when either is unusable. */
export function toInstant(date: string | null, time: string): string | null {
  if (!date || !/^\d{4}-\d{2}-\d{2}$/.test(date) || !/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) return null;
  const at = new Date(`${date}T${time}:00+07:00`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString().replace('.000Z', 'Z');
}

/** Local date and time of an instant, in the forms that toInstant takes. */
export function fromInstant(instant: string): { date: string; time: string } {
  const local = new Date(new Date(instant).getTime() + offset).toISOString();
  return { date: local.slice(0, 10), time: local.slice(11, 16) };
}

/** Local date of an instant: "2026-11-24". */
export function dayOf(instant: string | Date): string {
  return new Date(new Date(instant).getTime() + offset).toISOString().slice(0, 10);
}

/** Things in groups of one day each, in the order in which the days first appear. */
export function byDay<T extends { starts_at: string }>(list: readonly T[]): { day: string; items: T[] }[] {
  const groups: { day: string; items: T[] }[] = [];
  for (const item of list) {
    const day = dayOf(item.starts_at);
    const last = groups.find((group) => group.day === day);
    if (last) last.items.push(item);
    else groups.push({ day, items: [item] });
  }
  return groups;
}

export interface TimesProblem {
  field: 'date' | 'from' | 'to';
  key: 'missing' | 'order' | 'past';
}

/** What is wrong with the times of a meeting to be made; null when nothing is. */
export function checkTimes(date: string | null, from: string, to: string, now: Date): TimesProblem | null {
  if (!date) return { field: 'date', key: 'missing' };
  const start = toInstant(date, from);
  if (!start) return { field: 'from', key: 'missing' };
  const end = toInstant(date, to);
  if (!end) return { field: 'to', key: 'missing' };
  if (end <= start) return { field: 'to', key: 'order' };
  if (new Date(end) <= now) return { field: 'date', key: 'past' };
  return null;
}
