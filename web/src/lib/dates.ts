import dayjs from 'dayjs';
import customParseFormat from 'dayjs/plugin/customParseFormat';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';

dayjs.extend(customParseFormat);
dayjs.extend(utc);
dayjs.extend(timezone);

/** Dates of law and every shown time are in this zone, wherever the browser stands. */
export const zone = 'Asia/Ho_Chi_Minh';

/** The moment in Vietnamese time. */
export function local(value: string | number | Date | dayjs.Dayjs): dayjs.Dayjs {
  return dayjs(value).tz(zone);
}

/** dd/MM inside the running year, dd/MM/yyyy otherwise; for a moment or a plain date. */
export function shortDate(value: string, now: Date | string = new Date()): string {
  const day = value.length === 10 ? dayjs.tz(value, zone) : local(value);
  return day.format(day.year() === local(now).year() ? 'DD/MM' : 'DD/MM/YYYY');
}

/** dd/MM/yyyy of a moment or a plain date; empty for nothing. */
export function fullDate(value: string | null | undefined): string {
  if (!value) return '';
  return (value.length === 10 ? dayjs.tz(value, zone) : local(value)).format('DD/MM/YYYY');
}

/** HH:mm of a moment. */
export function clock(value: string): string {
  return local(value).format('HH:mm');
}

/** "07:41" today, "24/11" this year, else the full date: for the corner of a list row. */
export function whenShort(value: string, now: Date | string = new Date()): string {
  return isSameDay(value, now) ? clock(value) : shortDate(value, now);
}

/** "24/11 07:55", with the year when it is another one. */
export function dateClock(value: string, now: Date | string = new Date()): string {
  return `${shortDate(value, now)} ${clock(value)}`;
}

/** dd/MM/yyyy HH:mm:ss of a moment, for signatures. */
export function exactTime(value: string): string {
  return local(value).format('DD/MM/YYYY HH:mm:ss');
}

/** True when both moments fall on one Vietnamese day. */
export function isSameDay(a: string | Date, b: string | Date): boolean {
  return local(a).format('YYYY-MM-DD') === local(b).format('YYYY-MM-DD');
}

/** Today as yyyy-MM-dd in Vietnamese time. */
export function today(now: Date | string = new Date()): string {
  return local(now).format('YYYY-MM-DD');
}

/** Reads what a person types as a date (24/11/2026, 24-11-2026, 24112026, 24/11) into yyyy-MM-dd, or null. */
export function readDate(text: string, now: Date | string = new Date()): string | null {
  const trimmed = text.trim().replaceAll(/[.\-\s]+/g, '/');
  const year = local(now).year();
  const whole = /^\d{1,2}\/\d{1,2}$/.test(trimmed) ? `${trimmed}/${year}` : trimmed;
  const parts = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(whole) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(whole);
  if (!parts) return null;
  const [, d = '', m = '', y = ''] = parts;
  const iso = `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
  return dayjs(iso, 'YYYY-MM-DD', true).isValid() ? iso : null;
}

/** How a deadline stands now. `days` counts Vietnamese calendar days between now and the deadline. */
export type Due =
  | { kind: 'late'; days: number; hours: number }
  | { kind: 'today'; hours: number; minutes: number }
  | { kind: 'later'; days: number };

/** Reads a deadline. */
export function dueOf(dueAt: string, now: Date | string = new Date()): Due {
  const due = local(dueAt);
  const at = local(now);
  const days = Math.round(due.startOf('day').diff(at.startOf('day'), 'hour') / 24);
  if (due.isBefore(at)) return { kind: 'late', days: Math.max(0, -days), hours: at.diff(due, 'hour') };
  if (days === 0) return { kind: 'today', hours: due.diff(at, 'hour'), minutes: due.diff(at, 'minute') };
  return { kind: 'later', days };
}

/** Whole minutes from now until a moment; negative when it has passed. */
export function minutesUntil(value: string, now: Date | string = new Date()): number {
  return Math.ceil((new Date(value).getTime() - new Date(now).getTime()) / 60_000);
}
