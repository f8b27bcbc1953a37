import { describe, expect, test } from 'vitest';
import { type MicSample, type MicTrouble, MicWatch } from './micWatch';

const on: MicSample = { on: true, allowed: true, track: 'live', peak: 0.01, level: 0.2 };
const off: MicSample = { ...on, on: false };

/** What is told, with the moment, while samples come ten times a second. */
function run(...parts: [MicSample, number][]): [number, MicTrouble | null][] {
  const watch = new MicWatch();
  const told: [number, MicTrouble | null][] = [];
  let now = 0;
  for (const [sample, ms] of parts) {
    for (const end = now + ms; now < end; now += 100) {
      const trouble = watch.sample(sample, now);
      if (trouble !== (told.at(-1)?.[1] ?? null)) told.push([now, trouble]);
    }
  }
  return told;
}

describe('a microphone that is on', () => {
  test('says nothing while it hears anything at all, be it noise', () => {
    expect(run([{ ...on, peak: 0.0004, level: 0 }, 60_000])).toEqual([]);
  });
  test('five seconds of digital silence are told, until a sound comes', () => {
    expect(run([on, 1000], [{ ...on, peak: 0 }, 8000], [on, 500])).toEqual([
      [6000, 'silent'],
      [9000, null],
    ]);
  });
  test('a pause of the device is not told', () => {
    expect(run([{ ...on, peak: 0 }, 4800], [on, 1000], [{ ...on, peak: 0 }, 4800])).toEqual([]);
  });
  test('a track that the system holds back, or took away', () => {
    expect(run([{ ...on, track: 'held', peak: 0 }, 3000], [on, 100])).toEqual([
      [2000, 'held'],
      [3000, null],
    ]);
    expect(run([{ ...on, track: 'ended' }, 200])).toEqual([[0, 'gone']]);
  });
  test('turning it off ends the words', () => {
    expect(run([{ ...on, peak: 0 }, 6000], [{ ...off, level: 0 }, 200]).at(-1)?.[1]).toBeNull();
  });
});

describe('speaking into a microphone that is off', () => {
  const speaks: MicSample = { ...off, level: 0.6 };
  test('is told once, for some seconds', () => {
    const told = run([off, 1000], [speaks, 20_000]);
    expect(told.map(([, trouble]) => trouble)).toEqual(['talking_muted', null]);
    expect(told[0]?.[0]).toBeLessThanOrEqual(2000);
  });
  test('a cough, or tapping, is not speech', () => {
    const cough: [MicSample, number][] = Array.from({ length: 10 }, (_, i) => (i % 2 ? [off, 1500] : [speaks, 300]));
    expect(run(...cough)).toEqual([]);
  });
  test('words with pauses between them are', () => {
    const words: [MicSample, number][] = Array.from({ length: 8 }, (_, i) => (i % 2 ? [off, 300] : [speaks, 400]));
    expect(run(...words)[0]?.[1]).toBe('talking_muted');
  });
  test('is not told to whoever may not speak now', () => {
    expect(run([{ ...speaks, allowed: false }, 10_000])).toEqual([]);
  });
  test('ends when it is turned on, and may be told again after the next turning off', () => {
    const told = run([speaks, 1500], [on, 500], [speaks, 2000]);
    expect(told.map(([, trouble]) => trouble)).toEqual(['talking_muted', null, 'talking_muted']);
  });
});
