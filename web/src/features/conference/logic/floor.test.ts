import { describe, expect, it } from 'vitest';
import type { Floor, Turn } from '../../../media/types';
import {
  aheadBy,
  countdownOf,
  floorEvents,
  inOrder,
  isFresh,
  markPassed,
  minutesOf,
  officeOf,
  powersOf,
  signedSeconds,
  standingOf,
  waitedMinutes,
} from './floor';

const start = Date.parse('2026-11-24T02:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();

function turn(id: string, more: Partial<Turn> = {}): Turn {
  return {
    id,
    appointment_id: `a-${id}`,
    full_name: `Người ${id}`,
    position: 'Giám đốc',
    agency_name: 'Sở Tài chính thành phố',
    agency_short_name: 'Sở Tài chính',
    item_id: null,
    topic: '',
    asked_at: at(0),
    called_at: null,
    ends_at: null,
    seconds: 300,
    ended_at: null,
    state: 'waiting',
    ...more,
  };
}

function floor(waiting: Turn[], now: Turn | null = null, more: Partial<Floor> = {}): Floor {
  return {
    meeting_id: 'm',
    version: 1,
    mode: 'called',
    seconds: 300,
    now,
    waiting,
    spoken: 0,
    server_time: at(0),
    ...more,
  };
}

const speaking = turn('s', { state: 'speaking', called_at: at(0), ends_at: at(300) });

describe('countdown', () => {
  const read = (second: number) => countdownOf(speaking, start + second * 1000);
  it('counts down in minutes and seconds', () => {
    expect(read(166)).toEqual({ phase: 'running', seconds: 134, text: '02:14', left: 134 / 300 });
    expect(read(0)?.text).toBe('05:00');
  });
  it('shows a started second whole, so that the last one is not 00:00', () => {
    expect(read(299.4)).toMatchObject({ seconds: 1, text: '00:01' });
  });
  it('is amber from 60 s and red from 15 s', () => {
    expect(read(239)?.phase).toBe('running');
    expect(read(240)?.phase).toBe('soon');
    expect(read(284)?.phase).toBe('soon');
    expect(read(285)?.phase).toBe('last');
    expect(read(299)?.phase).toBe('last');
  });
  it('counts what is over time upwards', () => {
    expect(read(300)).toEqual({ phase: 'over', seconds: 0, text: '0:00', left: 0 });
    expect(read(342)).toEqual({ phase: 'over', seconds: 42, text: '0:42', left: 0 });
    expect(read(300 + 754)?.text).toBe('12:34');
  });
  it('is none for a turn without an end', () => {
    expect(countdownOf(turn('x'), start)).toBeNull();
  });
  it('never shows more than the whole ring when our clock is behind', () => {
    expect(countdownOf(speaking, start - 20_000)?.left).toBe(1);
  });
  it('goes by the clock of the server', () => {
    expect(aheadBy(at(10), start)).toBe(10_000);
    expect(aheadBy('', start)).toBe(0);
  });
});

describe('marks that are said', () => {
  it('says 2 minutes, 1 minute, 15 s and the end once', () => {
    expect(markPassed(121, 120)).toBe(120);
    expect(markPassed(120, 119)).toBeNull();
    expect(markPassed(61, 60)).toBe(60);
    expect(markPassed(16, 15)).toBe(15);
    expect(markPassed(1, 0)).toBe(0);
    expect(markPassed(0, -1)).toBeNull();
  });
  it('says only the last of several that passed at once', () => {
    expect(markPassed(200, 10)).toBe(15);
  });
  it('says nothing when time is added', () => {
    expect(markPassed(10, 130)).toBeNull();
  });
  it('reads time over as below zero', () => {
    expect(signedSeconds({ phase: 'over', seconds: 42, text: '', left: 0 })).toBe(-42);
    expect(signedSeconds({ phase: 'last', seconds: 9, text: '', left: 0 })).toBe(9);
  });
});

describe('queue', () => {
  it('counts whole minutes of waiting', () => {
    expect(waitedMinutes(turn('a'), start + 59_000)).toBe(0);
    expect(waitedMinutes(turn('a'), start + 60_000)).toBe(1);
    expect(waitedMinutes(turn('a'), start - 5_000)).toBe(0);
    expect(isFresh(turn('a'), start + 1_999)).toBe(true);
    expect(isFresh(turn('a'), start + 2_000)).toBe(false);
  });
  it('keeps an order that was asked for while people come and go', () => {
    const [a, b, c, d] = [turn('a'), turn('b'), turn('c'), turn('d')];
    expect(inOrder([a, b, c], null).map((t) => t.id)).toEqual(['a', 'b', 'c']);
    expect(inOrder([a, b, c], ['c', 'a', 'b']).map((t) => t.id)).toEqual(['c', 'a', 'b']);
    expect(inOrder([b, c, d], ['c', 'a', 'b']).map((t) => t.id)).toEqual(['c', 'b', 'd']);
  });
  it('names the office, by the short name where there is one', () => {
    expect(officeOf(turn('a'))).toBe('Giám đốc · Sở Tài chính');
    expect(officeOf(turn('a', { position: '', agency_short_name: '' }))).toBe('Sở Tài chính thành phố');
  });
  it('writes minutes as they are said', () => {
    expect(minutesOf(300)).toBe('5');
    expect(minutesOf(150)).toBe('2,5');
  });
});

describe('standing', () => {
  const queue = floor([turn('a'), turn('b')], speaking);
  it('finds the speaker, the place of who waits, and nobody else', () => {
    expect(standingOf(queue, 'a-s')).toMatchObject({ kind: 'speaking' });
    expect(standingOf(queue, 'a-b')).toMatchObject({ kind: 'waiting', place: 2 });
    expect(standingOf(queue, 'a-x')).toEqual({ kind: 'none' });
    expect(standingOf(queue, '')).toEqual({ kind: 'none' });
    expect(standingOf(null, 'a-b')).toEqual({ kind: 'none' });
  });
});

describe('powers', () => {
  it.each([
    ['chair', { leads: true, asks: false, watches: false }],
    ['secretary', { leads: true, asks: true, watches: false }],
    ['operator', { leads: true, asks: true, watches: false }],
    ['hall', { leads: false, asks: false, watches: false }],
    ['point', { leads: false, asks: true, watches: false }],
    ['member', { leads: false, asks: true, watches: false }],
    ['observer', { leads: false, asks: false, watches: true }],
    ['', { leads: false, asks: false, watches: true }],
  ])('of %s', (role, powers) => {
    expect(powersOf(role)).toEqual(powers);
  });
});

describe('events', () => {
  const a = turn('a');
  const b = turn('b');
  const called = turn('b', { state: 'speaking', called_at: at(9), ends_at: at(309) });
  it('tells nothing at first, and nothing when nothing changed', () => {
    expect(floorEvents(null, floor([a]), 'a-a')).toEqual([]);
    expect(floorEvents(floor([a]), floor([a]), 'a-a')).toEqual([]);
  });
  it('tells one’s place when it changes', () => {
    expect(floorEvents(floor([a]), floor([a, b]), 'a-b')).toEqual([{ kind: 'place', place: 2 }]);
    expect(floorEvents(floor([a, b]), floor([b]), 'a-b')).toEqual([{ kind: 'place', place: 1 }]);
    expect(floorEvents(floor([a, b]), floor([a]), 'a-a')).toEqual([]);
  });
  it('tells the call, also of somebody who did not ask', () => {
    expect(floorEvents(floor([b]), floor([], called), 'a-b')).toEqual([{ kind: 'called', turn: called }]);
    expect(floorEvents(floor([]), floor([], called), 'a-b')).toEqual([{ kind: 'called', turn: called }]);
  });
  it('tells the end, and the place when one asked again meanwhile', () => {
    expect(floorEvents(floor([], called), floor([]), 'a-b')).toEqual([{ kind: 'ended' }]);
    expect(floorEvents(floor([], called), floor([turn('b2', { appointment_id: 'a-b' })]), 'a-b')).toEqual([
      { kind: 'ended' },
      { kind: 'place', place: 1 },
    ]);
  });
  it('tells who was taken off the queue', () => {
    expect(floorEvents(floor([b]), floor([]), 'a-b')).toEqual([{ kind: 'removed', turn: b }]);
  });
  it('tells another mode to everybody', () => {
    expect(floorEvents(floor([]), floor([], null, { mode: 'free' }), 'a-x')).toEqual([{ kind: 'mode', mode: 'free' }]);
  });
  it('does not mix two meetings', () => {
    expect(floorEvents(floor([b]), floor([], null, { meeting_id: 'other' }), 'a-b')).toEqual([]);
  });
});
