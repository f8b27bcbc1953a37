import { expect, test } from 'vitest';
import type { Delivery } from '../api/deliveries';
import { neighbour, newcomers, refreshed } from './arrivals';

const make = (id: string, version = 1, status = 1) => ({ id, version, status }) as Delivery;

test('newcomers are what the reader has not seen', () => {
  expect(newcomers([make('c'), make('a')], [make('a'), make('b')]).map((d) => d.id)).toEqual(['c']);
});

test('a refreshed list keeps order and length, and never goes back to an older state', () => {
  const shown = [make('a', 2, 3), make('b', 1, 1)];
  const now = refreshed(shown, [make('c'), make('b', 2, 3), make('a', 1, 1)]);
  expect(now.map((d) => [d.id, d.status])).toEqual([
    ['a', 3],
    ['b', 3],
  ]);
});

test('J and K stop at the ends, and begin at them', () => {
  expect(neighbour(['a', 'b'], undefined, 1)).toBe('a');
  expect(neighbour(['a', 'b'], undefined, -1)).toBe('b');
  expect(neighbour(['a', 'b'], 'b', 1)).toBe('b');
  expect(neighbour(['a', 'b'], 'b', -1)).toBe('a');
  expect(neighbour([], 'b', 1)).toBeUndefined();
});
