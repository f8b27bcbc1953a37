import { expect, test } from 'vitest';
import { queueOf } from './queue';

const items = [
  { kind: 'sign' as const, object_id: 'a' },
  { kind: 'accept' as const, object_id: 'x' },
  { kind: 'sign' as const, object_id: 'b' },
  { kind: 'sign' as const, object_id: 'c' },
];

test('a document knows its place among those that wait for the signature', () => {
  expect(queueOf(items, 'b')).toEqual({ position: 2, total: 3, previous: 'a', next: 'c' });
  expect(queueOf(items, 'c')).toEqual({ position: 3, total: 3, previous: 'b', next: null });
});

test('when it was signed, the next is the first that still waits', () => {
  expect(queueOf(items, 'signed')).toEqual({ position: 0, total: 3, previous: null, next: 'a' });
  expect(queueOf([], 'signed')).toEqual({ position: 0, total: 0, previous: null, next: null });
});
