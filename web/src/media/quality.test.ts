import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Report } from './lineStats';
import { between, QualityTeller, tellEvery, totalsOf } from './quality';
import { inside, settle } from './testRoom';
import type { PageQuality } from './types';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const owners = new Map([
  ['3', 'chair'],
  ['4', 'member'],
]);

/** A report as a browser makes it, n seconds after the beginning. */
function report(n: number, change: Record<string, Record<string, unknown>> = {}): Report {
  const all: Record<string, Record<string, unknown>> = {
    transport: { type: 'transport', selectedCandidatePairId: 'pair' },
    other: { type: 'candidate-pair', localCandidateId: 'tcp', currentRoundTripTime: 9 },
    pair: { type: 'candidate-pair', localCandidateId: 'own', currentRoundTripTime: 0.0312 },
    own: { type: 'local-candidate', candidateType: 'host', protocol: 'udp' },
    tcp: { type: 'local-candidate', candidateType: 'host', protocol: 'tcp' },
    voice: {
      type: 'inbound-rtp',
      kind: 'audio',
      mid: '2',
      totalSamplesReceived: 48_000 * n,
      concealedSamples: 1_200 * n,
      silentConcealedSamples: 240 * n,
    },
    main: {
      type: 'inbound-rtp',
      kind: 'video',
      mid: '3',
      freezeCount: n,
      totalFreezesDuration: 0.4 * n,
      framesDecoded: 30 * n,
      totalDecodeTime: 0.12 * n,
      framesPerSecond: 29.96,
      frameWidth: 1280,
    },
    tile: {
      type: 'inbound-rtp',
      kind: 'video',
      mid: '4',
      freezeCount: 0,
      framesDecoded: 15 * n,
      totalDecodeTime: 0.03 * n,
      framesPerSecond: 15,
      frameWidth: 320,
    },
    empty: { type: 'inbound-rtp', kind: 'video', mid: '5', freezeCount: 50 * n, frameWidth: 1920 },
    camera: { type: 'outbound-rtp', kind: 'video', qualityLimitationReason: 'none' },
  };
  return new Map(Object.entries({ ...all, ...change })) as unknown as Report;
}

const passed = (change: Record<string, Record<string, unknown>> = {}, shown = owners) =>
  between(totalsOf(report(1), owners), totalsOf(report(6, change), shown));

describe('what a page tells of its line', () => {
  test('what happened between two reports, of the slots that show somebody', () => {
    expect(passed()).toEqual<PageQuality>({
      freezes: 5,
      frozen_ms: 2000,
      fps: 30,
      width: 1280,
      concealed: 0.02,
      decode_ms: 3.3,
      round_trip_ms: 31,
      way: 'udp',
      limited: '',
    });
  });

  test('a slot that went over to another person counts no freeze', () => {
    const shown = new Map([...owners, ['3', 'hall']]);
    expect(passed({}, shown)).toMatchObject({ freezes: 0, frozen_ms: 0, decode_ms: 2, width: 1280 });
  });

  test('counters that began anew count nothing', () => {
    const before = totalsOf(report(6), owners);
    expect(between(before, totalsOf(report(1), owners))).toMatchObject({ freezes: 0, frozen_ms: 0, concealed: 0 });
  });

  test.each([
    [{ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' }, 'relay_tls'],
    [{ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tcp' }, 'relay_tcp'],
    [{ candidateType: 'relay', protocol: 'udp' }, 'relay_udp'],
    [{ candidateType: 'srflx', protocol: 'tcp' }, 'tcp'],
    [{ candidateType: 'host', protocol: 'pigeon' }, ''],
  ])('%j is the way %s', (candidate, way) => {
    expect(passed({ own: { type: 'local-candidate', ...candidate } }).way).toBe(way);
  });

  test('a browser that names the chosen pair at the pair', () => {
    const change = { transport: {}, pair: { type: 'candidate-pair', selected: true, localCandidateId: 'tcp' } };
    expect(passed(change).way).toBe('tcp');
  });

  test('what limits the camera: the machine before the line, and no layer that is off', () => {
    const sends = (why: string, active = true) => ({
      type: 'outbound-rtp',
      kind: 'video',
      active,
      qualityLimitationReason: why,
    });
    expect(passed({ camera: sends('bandwidth') }).limited).toBe('bandwidth');
    expect(passed({ camera: sends('bandwidth'), high: sends('cpu') }).limited).toBe('cpu');
    expect(passed({ camera: sends('cpu'), high: sends('bandwidth') }).limited).toBe('cpu');
    expect(passed({ camera: sends('none'), high: sends('bandwidth', false) }).limited).toBe('');
  });

  test('a report of nothing is a report', () => {
    const nothing = totalsOf(new Map(), new Map());
    expect(between(nothing, nothing)).toMatchObject({ fps: 0, width: 0, concealed: 0, way: '', limited: '' });
  });

  test('whatever a browser counts, the values are ones that the server takes', () => {
    const wild = { ...report(1).get('main'), framesPerSecond: 1e9, frameWidth: Number.NaN, totalFreezesDuration: 'x' };
    const told = passed({ main: wild as Record<string, unknown> });
    expect(told.width).toBe(320);
    expect(passed({ main: { ...wild, frameWidth: 99_999 } }).fps).toBe(240);
    expect(passed({ main: { ...wild, frameWidth: 99_999 } }).width).toBe(16_384);
    expect(told.frozen_ms).toBe(0);
  });
});

describe('telling', () => {
  test('every five seconds, and anew with another connection', () => {
    const told: PageQuality[] = [];
    const teller = new QualityTeller((quality) => told.push(quality));
    const one = {};
    for (let second = 0; second <= 15; second++) teller.saw(one, report(second), owners, second * 1000);
    expect(told.map((q) => q.freezes)).toEqual([5, 5, 5]);
    const two = {};
    teller.saw(two, report(100), owners, 16_000);
    teller.saw(two, report(101), owners, 16_000 + tellEvery);
    expect(told.map((q) => q.freezes)).toEqual([5, 5, 5, 1]);
  });
});

test('the room tells the lines of others, all that changed at once', async () => {
  const room = await inside();
  room.say({
    type: 'room.lines',
    lines: [
      { participant_id: 'p1', line: 'lost' },
      { participant_id: 'gone', line: 'weak' },
    ],
  });
  await settle();
  const lines = room.client.getSnapshot().participants.map((p) => [p.id, p.line]);
  expect(lines).toEqual([
    ['me', null],
    ['p1', 'lost'],
  ]);
  room.client.leave();
});
