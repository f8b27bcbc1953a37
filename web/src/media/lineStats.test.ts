import { describe, expect, test } from 'vitest';
import { arrivedIn, reportOf, sampleOf } from './lineStats';

interface Stream {
  mid: string;
  kind?: string;
  [counter: string]: unknown;
}

const report = (arrived: number, ...streams: Stream[]) =>
  reportOf(
    new Map<string, unknown>([
      ['T', { type: 'transport', id: 'T', packetsReceived: arrived }],
      ...streams.map((s): [string, unknown] => [`I${s.mid}`, { type: 'inbound-rtp', id: `I${s.mid}`, ...s }]),
    ]),
  );

const owners = new Map([
  ['1', 'a'],
  ['2', 'a'],
  ['3', 'b'],
]);
const quiet = { lost: 0, concealed: 0, frozen: 0, flowing: true };

describe('sampleOf', () => {
  test('a line that loses nothing', () => {
    const before = report(10, { mid: '1', kind: 'audio', packetsReceived: 50, packetsLost: 7 });
    const after = report(60, { mid: '1', kind: 'audio', packetsReceived: 100, packetsLost: 7 });
    expect(sampleOf(before, after, owners)).toEqual(quiet);
  });

  test('losses and made-up sound of the last second only', () => {
    const before = report(10, {
      mid: '1',
      kind: 'audio',
      packetsReceived: 50,
      packetsLost: 50,
      totalSamplesReceived: 0,
    });
    const after = report(60, {
      mid: '1',
      kind: 'audio',
      packetsReceived: 95,
      packetsLost: 55,
      totalSamplesReceived: 48_000,
      concealedSamples: 9_600,
      silentConcealedSamples: 4_800,
    });
    expect(sampleOf(before, after, owners)).toEqual({ ...quiet, lost: 0.1, concealed: 0.1 });
  });

  test('what one sender loses by itself is not our line', () => {
    const before = report(1, { mid: '1', kind: 'audio' }, { mid: '3', kind: 'audio' });
    const after = report(
      2,
      { mid: '1', kind: 'audio', packetsReceived: 50, packetsLost: 50 },
      { mid: '3', kind: 'audio', packetsReceived: 98, packetsLost: 2 },
    );
    expect(sampleOf(before, after, owners).lost).toBeCloseTo(0.02);
  });

  test('pictures that all stand still, and one that does', () => {
    const video = (mid: string, framesDecoded: number) => ({ mid, kind: 'video', framesDecoded });
    const before = report(1, video('2', 30), video('3', 30));
    expect(sampleOf(before, report(2, video('2', 30), video('3', 30)), owners).frozen).toBe(1);
    expect(sampleOf(before, report(2, video('2', 30), video('3', 45)), owners).frozen).toBe(0);
  });

  test('slots that show nobody do not count, and counters that begin anew neither', () => {
    const before = report(1, { mid: '9', packetsReceived: 0 }, { mid: '1', packetsReceived: 900, packetsLost: 90 });
    const after = report(2, { mid: '9', packetsLost: 90 }, { mid: '1', packetsReceived: 10, packetsLost: 0 });
    expect(sampleOf(before, after, owners)).toEqual(quiet);
  });

  test('nothing at all', () => {
    expect(sampleOf(report(5), report(5), owners)).toEqual({ ...quiet, flowing: false });
    const answered = new Map([['P', { type: 'candidate-pair', id: 'P', responsesReceived: 3, bytesReceived: 100 }]]);
    expect(arrivedIn(reportOf(answered))).toBe(103);
  });
});
