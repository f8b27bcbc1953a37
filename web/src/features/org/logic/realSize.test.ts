import { expect, test } from 'vitest';
import { fits, inShape, usualSize } from './realSize';

test('a picture begins in its usual width and its own shape', () => {
  expect(usualSize('seal', { width: 500, height: 500 })).toEqual({ width: 36, height: 36 });
  expect(usualSize('signature', { width: 300, height: 100 })).toEqual({ width: 50, height: 16.7 });
});

test('the other side follows', () => {
  const pixels = { width: 300, height: 100 };
  expect(inShape({ width: 60, height: 1 }, 'width', pixels)).toEqual({ width: 60, height: 20 });
  expect(inShape({ width: 1, height: 10 }, 'height', pixels)).toEqual({ width: 30, height: 10 });
  expect(inShape({ width: '', height: 10 }, 'width', pixels)).toEqual({ width: '', height: 10 });
  expect(inShape({ width: 40, height: 10 }, 'width', { width: 0, height: 0 })).toEqual({ width: 40, height: 10 });
});

test('sizes from 5 to 120 mm are taken', () => {
  expect([4.9, 5, 120, 120.1, '' as const].map(fits)).toEqual([false, true, true, false, false]);
});
