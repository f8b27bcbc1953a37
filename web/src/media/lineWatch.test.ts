import { describe, expect, test } from 'vitest';
import { LineWatch } from './lineWatch';

/** A line that is used for `seconds`; `at` says what happens at a moment. Ticks twice a second, packets always. */
function run(seconds: number, at: (watch: LineWatch, ms: number) => boolean | undefined): [number, string][] {
  const watch = new LineWatch();
  watch.media('connected', 0);
  const told: [number, string][] = [];
  for (let ms = 0; ms <= seconds * 1000; ms += 250) {
    if (at(watch, ms) !== false) watch.packet(ms);
    if (watch.tick(ms)) told.push([ms, watch.loss]);
  }
  return told;
}

const between = (ms: number, from: number, to: number) => ms >= from && ms < to;

describe('LineWatch', () => {
  test('says nothing while all is well, and before media ever flowed', () => {
    expect(run(60, () => true)).toEqual([]);
    const watch = new LineWatch();
    watch.media('connecting', 0);
    expect(watch.tick(20_000)).toBe(false);
    expect(watch.isSilent(20_000)).toBe(false);
  });

  test.each([500, 1000, 1500, 2000])('a flicker of %d ms says nothing', (length) => {
    expect(run(20, (_, ms) => !between(ms, 5000, 5000 + length))).toEqual([]);
    const flicker = (watch: LineWatch, ms: number) => {
      watch.socket(!between(ms, 5000, 5000 + length), ms);
      watch.media(between(ms, 5000, 5000 + length) ? 'broken' : 'connected', ms);
      return true;
    };
    expect(run(20, flicker)).toEqual([]);
  });

  test('flickers one after the other say nothing', () => {
    expect(run(60, (_, ms) => ms % 3000 >= 1500)).toEqual([]);
  });

  test('silence is told within three seconds, and the end of it soon after', () => {
    const told = run(30, (_, ms) => !between(ms, 5000, 12_000));
    expect(told).toEqual([
      [7250, 'media'],
      [13_500, 'none'],
    ]);
    expect((told[0]?.[0] ?? 0) - 5000).toBeLessThanOrEqual(3000);
  });

  test('counts from the last packet, not from when ICE notices', () => {
    const told = run(10, (watch, ms) => {
      if (ms === 7000) watch.media('broken', ms);
      return ms < 5000;
    });
    expect(told).toEqual([[7250, 'media']]);
  });

  test('tells apart what is cut off', () => {
    const told = run(30, (watch, ms) => {
      watch.socket(!between(ms, 5000, 15_000), ms);
      return !between(ms, 8000, 20_000);
    });
    expect(told.map(([, loss]) => loss)).toEqual(['server', 'all', 'media', 'none']);
    expect(told[0]?.[0]).toBe(7500);
  });

  test('does not say "back" for a moment', () => {
    const told = run(
      30,
      (_, ms) => !between(ms, 5000, 10_000) && !between(ms, 10_500, 12_500) && !between(ms, 13_000, 17_000),
    );
    expect(told.map(([, loss]) => loss)).toEqual(['media', 'none']);
    expect(told[1]?.[0]).toBeGreaterThanOrEqual(17_500);
  });

  test('silence asks for a new way before it is told', () => {
    const watch = new LineWatch();
    watch.media('connected', 0);
    watch.packet(1000);
    expect(watch.isSilent(2900)).toBe(false);
    expect(watch.isSilent(3000)).toBe(true);
    watch.tick(3000);
    expect(watch.loss).toBe('none');
  });
});
