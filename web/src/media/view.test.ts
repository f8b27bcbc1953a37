import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeStream } from './fakes';
import type { RoomView } from './types';
import { blind, drawnHeight, OnScreen, type Picture, settleFor, viewOf } from './view';

const screen = new FakeStream([]) as unknown as MediaStream;
const room = { self: 'me', isScreen: (stream: MediaStream) => stream === screen };
const place = (participant: string, height: number, stream: MediaStream | null = null): Picture => ({
  participant,
  height,
  stream,
});

describe('viewOf', () => {
  test.each<[string, Picture[], Partial<RoomView>]>([
    ['nothing on the page', [], blind],
    ['the largest is the main one', [place('a', 90), place('b', 400)], { main: 'b', main_height: 400, tiles: ['a'] }],
    [
      'small pictures are as high as the highest',
      [place('a', 400), place('b', 60), place('c', 101)],
      { tile_height: 120 },
    ],
    ['hidden places ask for nothing', [place('a', 400), place('b', 0)], { tiles: [], tile_height: 0 }],
    ['oneself needs no sending', [place('me', 400), place('a', 100)], { main: 'a', tiles: [] }],
    ['a shown screen is no camera', [place('a', 700, screen)], { main: '', screen_height: 700 }],
    [
      'two places of one person count once',
      [place('a', 100), place('a', 400)],
      { main: 'a', main_height: 400, tiles: [] },
    ],
    ['of equals the one before', [place('a', 100), place('b', 100)], { main: 'b', tiles: ['a'] }],
  ])('%s', (_, pictures, want) => {
    expect(viewOf(pictures, room, 'b')).toMatchObject(want);
  });

  test('no more names than the server takes', () => {
    const many = Array.from({ length: 100 }, (_, i) => place(`p${i}`, 100));
    expect(viewOf(many, room, '').tiles).toHaveLength(64);
  });
});

describe('drawnHeight', () => {
  test.each([
    [{ width: 320, height: 180 }, 'cover', 1, 180],
    [{ width: 112, height: 126 }, 'cover', 1, 126],
    [{ width: 640, height: 100 }, 'cover', 1, 360],
    [{ width: 640, height: 900 }, 'contain', 2, 720],
    [{ width: 640, height: 200 }, 'contain', 1, 200],
    [{ width: 0, height: 200 }, 'cover', 1, 0],
  ] as const)('%o %s at %d', (box, fit, ratio, want) => {
    expect(drawnHeight(box, fit, ratio)).toBe(want);
  });
});

describe('OnScreen', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function joined() {
    const told: RoomView[] = [];
    const view = new OnScreen();
    const join = () => view.join({ ...room, tell: (v) => told.push(v) });
    join();
    return { view, told, join };
  }

  test('tells what settled, once', () => {
    const { view, told } = joined();
    const a = {};
    view.show(a, place('a', 100));
    view.show(a, place('a', 300));
    vi.advanceTimersByTime(settleFor);
    view.show(a, place('a', 299));
    vi.advanceTimersByTime(settleFor);
    expect(told).toEqual([blind, { ...blind, main: 'a', main_height: 300 }]);
  });

  test('an element that is gone asks for nothing any more', () => {
    const { view, told } = joined();
    const a = {};
    view.show(a, place('a', 100));
    vi.advanceTimersByTime(settleFor);
    view.drop(a);
    view.drop({});
    vi.advanceTimersByTime(settleFor);
    expect(told.at(-1)).toEqual(blind);
    expect(told).toHaveLength(3);
  });

  test('a tab in the background asks for nothing at once, and for all when it comes back', () => {
    const { view, told } = joined();
    view.show({}, place('a', 100));
    vi.advanceTimersByTime(settleFor);
    view.hide(true);
    expect(told.at(-1)).toEqual(blind);
    view.show({}, place('b', 200));
    vi.advanceTimersByTime(settleFor);
    expect(told.at(-1)).toEqual(blind);
    view.hide(false);
    expect(told.at(-1)).toMatchObject({ main: 'b', tiles: ['a'] });
  });

  test('after joining anew all is told again; outside of a room nothing is', () => {
    const { view, told, join } = joined();
    view.show({}, place('a', 100));
    vi.advanceTimersByTime(settleFor);
    view.leave();
    view.show({}, place('b', 200));
    vi.advanceTimersByTime(settleFor);
    expect(told).toHaveLength(2);
    join();
    expect(told).toHaveLength(3);
    expect(told.at(-1)).toMatchObject({ main: 'b', tiles: ['a'] });
  });
});
