import { describe, expect, it } from 'vitest';
import { delayMinutes, minutesLeft, move, nextItem, phaseOf, spareMinutes, startTimes, totalMinutes } from './agenda';

const start = '2026-11-24T01:30:00Z';
const items = [
  { id: 'a', minutes: 5 },
  { id: 'b', minutes: 30 },
  { id: 'c', minutes: 0 },
  { id: 'd', minutes: 20 },
];

describe('agenda times', () => {
  it('lets each item begin where the one before ends', () => {
    expect(startTimes(start, items).map((d) => d.toISOString().slice(11, 16))).toEqual([
      '01:30',
      '01:35',
      '02:05',
      '02:05',
    ]);
  });
  it('knows what is left of the planned time, and what is too much', () => {
    expect(totalMinutes(items)).toBe(55);
    expect(spareMinutes(start, '2026-11-24T02:30:00Z', items)).toBe(5);
    expect(spareMinutes(start, '2026-11-24T02:00:00Z', items)).toBe(-25);
  });
  it('has nothing to say about an empty agenda', () => {
    expect(startTimes(start, [])).toEqual([]);
    expect(totalMinutes([])).toBe(0);
  });
});

describe('order', () => {
  it('moves up and down and keeps the rest', () => {
    expect(move(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
    expect(move(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  });
  it('stays inside the list', () => {
    expect(move(['a', 'b'], 0, 9)).toEqual(['b', 'a']);
    expect(move(['a', 'b'], 0, -3)).toEqual(['a', 'b']);
    expect(move(['a', 'b'], 7, 0)).toEqual(['a', 'b']);
  });
});

describe('a running agenda', () => {
  const running = [
    {
      id: 'a',
      minutes: 5,
      starts_at: '2026-11-24T01:30:00Z',
      started_at: '2026-11-24T01:32:00Z',
      ended_at: '2026-11-24T01:38:00Z',
    },
    { id: 'b', minutes: 30, starts_at: '2026-11-24T01:35:00Z', started_at: '2026-11-24T01:38:00Z', ended_at: null },
    { id: 'c', minutes: 20, starts_at: '2026-11-24T02:05:00Z', started_at: null, ended_at: null },
  ];
  it('tells done, now and to come apart', () => {
    expect(running.map((item) => phaseOf(item, 'b'))).toEqual(['done', 'now', 'next']);
  });
  it('counts the minutes left and the minutes over', () => {
    const [, b, c] = running;
    if (!b || !c) throw new Error('three items');
    expect(minutesLeft(b, new Date('2026-11-24T01:53:10Z'))).toBe(15);
    expect(minutesLeft(b, new Date('2026-11-24T02:10:30Z'))).toBe(-3);
    expect(minutesLeft(c, new Date())).toBeNull();
  });
  it('says how late the current item began', () => {
    expect(delayMinutes(running, 'b')).toBe(3);
    expect(delayMinutes(running, undefined)).toBeNull();
  });
  it('finds the item to call next', () => {
    expect(nextItem(running, 'b')?.id).toBe('c');
    expect(nextItem(running, 'c')).toBeUndefined();
    expect(nextItem(running, null)?.id).toBe('b');
  });
});
