import { describe, expect, test } from 'vitest';
import { arrow, inOrder, type LayoutField, moved, onPage, resized, shares, within } from './layout';

const page = { number: 1, width: 210, height: 297 };
const person: LayoutField = { kind: 'person', page: 1, x: 110, y: 200, width: 60, height: 25, source: 'found' };
const seal: LayoutField = { ...person, kind: 'seal', width: 36, height: 36 };

describe('places of fields', () => {
  test('a moved field is placed by hand and stays on its page', () => {
    expect(moved(person, 5.04, -3, page)).toEqual({ ...person, x: 115, y: 197, source: 'placed' });
    expect(moved(person, 500, 500, page)).toMatchObject({ x: 150, y: 272 });
    expect(moved(person, -500, -500, page)).toMatchObject({ x: 0, y: 0 });
  });

  test('a field grows up to the edge and shrinks to what can still be read', () => {
    expect(resized(person, 10, 5, page)).toMatchObject({ x: 110, width: 70, height: 30, source: 'placed' });
    expect(resized(person, 500, 500, page)).toMatchObject({ width: 100, height: 97 });
    expect(resized(person, -500, -500, page)).toMatchObject({ width: 15, height: 8 });
  });

  test('a seal stays round', () => {
    expect(resized(seal, 4, 0, page)).toMatchObject({ width: 40, height: 40 });
    expect(resized(seal, 0, -6, page)).toMatchObject({ width: 30, height: 30 });
    expect(resized({ ...seal, x: 180, y: 100 }, 50, 50, page)).toMatchObject({ width: 30, height: 30 });
  });

  test('on a smaller page a field is brought in', () => {
    const across = { number: 2, width: 148, height: 105 };
    expect(onPage(person, across)).toEqual({ ...person, page: 2, x: 88, y: 80, source: 'placed' });
    expect(within({ ...person, width: 400 }, 'person', across)).toMatchObject({ x: 0, width: 148 });
  });

  test('arrows move by one millimetre, with Shift by ten', () => {
    expect(arrow('ArrowLeft', false)).toEqual({ dx: -1, dy: 0 });
    expect(arrow('ArrowDown', true)).toEqual({ dx: 0, dy: 10 });
    expect(arrow('Enter', false)).toBeNull();
  });

  test('fields have one order, and shares of the page', () => {
    expect(inOrder([seal, person]).map((f) => f.kind)).toEqual(['person', 'seal']);
    expect(shares({ page: 1, x: 21, y: 29.7, width: 105, height: 148.5 }, page)).toEqual({
      left: '10%',
      top: '10%',
      width: '50%',
      height: '50%',
    });
  });
});
