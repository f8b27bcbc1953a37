import { describe, expect, test } from 'vitest';
import {
  dateClock,
  dueOf,
  exactTime,
  fullDate,
  isSameDay,
  minutesUntil,
  readDate,
  shortDate,
  whenShort,
} from './dates';
import { monthsBack } from './months';

const now = '2026-11-24T01:12:00Z'; // 08:12 on 24 November in Vietnam

describe('dates as offices write them', () => {
  test('the year is left out inside the running year', () => {
    expect(shortDate('2026-11-20', now)).toBe('20/11');
    expect(shortDate('2025-11-20', now)).toBe('20/11/2025');
    expect(dateClock('2026-11-23T09:20:14Z', now)).toBe('23/11 16:20');
    expect(fullDate('2026-11-02')).toBe('02/11/2026');
    expect(fullDate(null)).toBe('');
    expect(exactTime('2026-11-23T09:20:14Z')).toBe('23/11/2026 16:20:14');
  });

  test('the day is the Vietnamese one', () => {
    expect(isSameDay('2026-11-23T17:30:00Z', now)).toBe(true); // 00:30 on the 24th
    expect(whenShort('2026-11-23T17:30:00Z', now)).toBe('00:30');
    expect(whenShort('2026-11-23T16:30:00Z', now)).toBe('23/11');
  });

  test.each([
    ['24/11/2026', '2026-11-24'],
    ['4-1-2026', '2026-01-04'],
    ['24.11', '2026-11-24'],
    ['24112026', '2026-11-24'],
    ['31/02/2026', null],
    ['hôm qua', null],
    ['', null],
  ])('typed %s', (text, iso) => {
    expect(readDate(text, now)).toBe(iso);
  });
});

describe('deadlines', () => {
  test('late by days and by hours', () => {
    expect(dueOf('2026-11-22T10:00:00Z', now)).toMatchObject({ kind: 'late', days: 2 });
    expect(dueOf('2026-11-24T00:12:00Z', now)).toMatchObject({ kind: 'late', days: 0, hours: 1 });
  });
  test('today and later', () => {
    expect(dueOf('2026-11-24T10:00:00Z', now)).toMatchObject({ kind: 'today', hours: 8 });
    expect(dueOf('2026-11-24T17:30:00Z', now)).toEqual({ kind: 'later', days: 1 });
  });
  test('minutes are rounded up', () => {
    expect(minutesUntil('2026-11-24T01:12:30Z', now)).toBe(1);
    expect(minutesUntil('2026-11-24T01:00:00Z', now)).toBe(-12);
  });
});

test('months end on their last day', () => {
  expect(monthsBack(2, '2026-03-05T00:00:00Z')).toEqual([
    { from: '2026-03-01', to: '2026-03-31', label: '03/2026' },
    { from: '2026-02-01', to: '2026-02-28', label: '02/2026' },
  ]);
});
