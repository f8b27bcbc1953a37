import type { i18n } from 'i18next';
import { exactTime, fullDate } from '../../../lib/dates';
import { fileSize } from '../../../lib/sizes';

/** Names of things for programs: ids, digests, serial numbers. They stay in the record as it was written. */
const forPrograms = /^([\w-]*[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24,})$/i;
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const day = /^\d{4}-\d\d-\d\d$/;
/** Details that hold what was before and what is after. */
const pairs = new Set(['name', 'full_name', 'code', 'level']);

/**
 * Details of an event in words: "Trả lời: Dự họp · Số nội dung: 4". What is empty, unknown to the texts or
 * only for programs is left out; the page shows the whole record beside it.
 */
export function detailText(details: unknown, { i18n, language }: { i18n: i18n; language: string }): string {
  if (!details || typeof details !== 'object' || Array.isArray(details)) return '';
  const word = (key: string) => (i18n.exists(key, { ns: 'audit' }) ? i18n.t(key, { ns: 'audit' }) : undefined);
  const text = (key: string, value: unknown): string => {
    if (Array.isArray(value)) {
      const [before, after] = value.map((part) => text(key, part));
      if (pairs.has(key) && value.length === 2) return before === after ? '' : `${before || '—'} → ${after || '—'}`;
      return value
        .map((part) => text(key, part))
        .filter(Boolean)
        .join(', ');
    }
    if (typeof value === 'boolean') return value ? (word('detail.yes') ?? '') : '';
    if (typeof value === 'number') return key === 'size' ? fileSize(value, language) : String(value);
    if (typeof value !== 'string' || forPrograms.test(value)) return '';
    if (moment.test(value)) return exactTime(value);
    if (day.test(value)) return fullDate(value);
    return word(`value.${key}.${value}`) ?? value;
  };
  return Object.entries(details)
    .map(([key, value]) => [word(`detail.${key}`), text(key, value)])
    .filter(([label, value]) => label && value)
    .map(([label, value]) => `${label}: ${value}`)
    .join(' · ');
}
