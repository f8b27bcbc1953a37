import { describe, expect, it } from 'vitest';
import { byDay, checkTimes, dayOf, fromInstant, toInstant } from './when';

describe('Vietnam time', () => {
  it('turns a local date and time into an instant and back', () => {
    expect(toInstant('2026-11-24', '08:30')).toBe('2026-11-24T01:30:00Z');
    expect(fromInstant('2026-11-24T01:30:00Z')).toEqual({ date: '2026-11-24', time: '08:30' });
  });
  it('knows that the evening in UTC is the next day here', () => {
    expect(dayOf('2026-11-23T20:00:00Z')).toBe('2026-11-24');
  });
  it('refuses what is no date or time', () => {
    expect(toInstant(null, '08:30')).toBeNull();
    expect(toInstant('2026-11-24', '25:00')).toBeNull();
    expect(toInstant('2026-11-24', '8:3')).toBeNull();
    expect(toInstant('2026-13-40', '08:00')).toBeNull();
  });
});

describe('days', () => {
  it('groups meetings and keeps their order', () => {
    const list = ['2026-11-24T01:30:00Z', '2026-11-24T07:00:00Z', '2026-11-25T01:00:00Z'].map((starts_at) => ({
      starts_at,
    }));
    expect(byDay(list).map((g) => [g.day, g.items.length])).toEqual([
      ['2026-11-24', 2],
      ['2026-11-25', 1],
    ]);
  });
});

describe('times of a meeting to be made', () => {
  const now = new Date('2026-11-24T03:00:00Z');
  it.each([
    [null, '08:00', '09:00', { field: 'date', key: 'missing' }],
    ['2026-11-25', '', '09:00', { field: 'from', key: 'missing' }],
    ['2026-11-25', '08:00', '', { field: 'to', key: 'missing' }],
    ['2026-11-25', '09:00', '09:00', { field: 'to', key: 'order' }],
    ['2026-11-23', '09:00', '10:00', { field: 'date', key: 'past' }],
    ['2026-11-24', '09:30', '11:00', null],
  ] as const)('%s %s to %s', (date, from, to, want) => {
    expect(checkTimes(date, from, to, now)).toEqual(want);
  });
});
