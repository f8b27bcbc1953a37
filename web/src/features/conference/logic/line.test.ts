import { describe, expect, test } from 'vitest';
import type { LineNews } from '../../../media/types';
import { adviceOf, markOf } from './line';

const good: LineNews = {
  level: 'good',
  why: '',
  loss_up: 0,
  loss_down: 0,
  round_trip_ms: 20,
  up_kbps: 900,
  down_kbps: 1200,
  way: 'udp',
};
const well = { phase: 'joined', media: 'connected', line: good } as const;
const own = { camera: true, limited: '' } as const;

describe('the mark', () => {
  test('is what the server says, while the page sees nothing worse', () => {
    expect(markOf(well)).toBe('good');
    expect(markOf({ ...well, line: null })).toBe('good');
    expect(markOf({ ...well, line: { ...good, level: 'poor' } })).toBe('poor');
    expect(markOf({ ...well, phase: 'reconnecting' })).toBe('lost');
    expect(markOf({ ...well, media: 'connecting' })).toBe('connecting');
    expect(markOf({ ...well, media: 'failed', phase: 'reconnecting' })).toBe('failed');
  });
});

describe('the advice', () => {
  test('a good line asks for nothing', () => {
    expect(adviceOf('good', good, own)).toEqual({ says: ['good'], helps: [] });
  });

  test('losses on the way up: the cable, and the camera only while it is on', () => {
    const bad: LineNews = { ...good, level: 'poor', why: 'loss_up', loss_up: 9 };
    expect(adviceOf('poor', bad, own)).toEqual({ says: ['loss_up'], helps: ['cable', 'camera'] });
    expect(adviceOf('poor', bad, { ...own, camera: false }).helps).toEqual(['cable']);
  });

  test('what the page sees itself is not explained by older words of the server', () => {
    const bad: LineNews = { ...good, level: 'weak', why: 'round_trip' };
    expect(adviceOf('lost', bad, own).says).toEqual(['lost']);
    expect(adviceOf('failed', null, own)).toEqual({ says: ['failed'], helps: ['reload', 'port'] });
  });

  test('a machine that is overloaded is told, also on a good line', () => {
    expect(adviceOf('good', good, { camera: true, limited: 'cpu' })).toEqual({
      says: ['cpu'],
      helps: ['programs', 'camera'],
    });
    expect(adviceOf('good', good, { camera: false, limited: 'cpu' }).says).toEqual(['good']);
  });

  test('a detour is named once, and only when the line is not good', () => {
    const bad: LineNews = { ...good, level: 'lost', why: 'not_connected', way: 'relay_tls' };
    expect(adviceOf('lost', bad, own).helps).toEqual(['reload', 'port']);
    expect(adviceOf('good', { ...good, way: 'tcp' }, own).helps).toEqual([]);
  });
});
