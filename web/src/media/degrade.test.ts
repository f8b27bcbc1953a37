import { describe, expect, test } from 'vitest';
import { Degrade, type LineSample, limitView, ownLayers, stages } from './degrade';

const good: LineSample = { lost: 0, concealed: 0, frozen: 0, flowing: true };
const mild: LineSample = { ...good, lost: 0.06 };
const bad: LineSample = { ...good, lost: 0.12 };
const awful: LineSample = { ...good, lost: 0.4, concealed: 0.3, frozen: 1 };
const nothing: LineSample = { ...good, flowing: false };

/** The changes of stage with the second they happen in. */
function run(...parts: [LineSample, number][]): [number, string][] {
  const degrade = new Degrade();
  const changes: [number, string][] = [];
  let second = 0;
  for (const [sample, seconds] of parts) {
    for (let i = 0; i < seconds; i++) {
      second += 1;
      if (degrade.second(sample)) changes.push([second, degrade.stage]);
    }
  }
  return changes;
}

describe('Degrade', () => {
  test('leaves a good line alone', () => {
    expect(run([good, 600])).toEqual([]);
  });

  test('a short trouble changes nothing', () => {
    expect(run([good, 10], [awful, 3], [good, 60])).toEqual([]);
    const pulses = Array.from({ length: 30 }, (_, i): [LineSample, number] => (i % 2 ? [bad, 1] : [good, 3]));
    expect(run(...pulses)).toEqual([]);
  });

  test('goes down one step at a time, each with time to take effect', () => {
    const changes = run([good, 5], [awful, 60]);
    expect(changes.map(([, stage]) => stage)).toEqual(['small', 'no_tiles', 'sound']);
    const [a, b, c] = changes.map(([second]) => second);
    expect(a).toBe(9);
    expect((b ?? 0) - (a ?? 0)).toBe(8);
    expect((c ?? 0) - (b ?? 0)).toBe(8);
  });

  test('goes no deeper than the line asks for', () => {
    expect(run([mild, 300]).map(([, stage]) => stage)).toEqual(['small']);
    expect(run([bad, 300]).map(([, stage]) => stage)).toEqual(['small', 'no_tiles']);
  });

  test('comes back step by step, more slowly than it went', () => {
    const changes = run([awful, 40], [good, 120]);
    expect(changes.map(([, stage]) => stage)).toEqual(['small', 'no_tiles', 'sound', 'no_tiles', 'small', 'full']);
    const up = changes.slice(3).map(([second]) => second);
    expect((up[1] ?? 0) - (up[0] ?? 0)).toBeGreaterThanOrEqual(12);
  });

  test('does not flap on a line that bears one step and not the next', () => {
    const degrade = new Degrade();
    let changes = 0;
    for (let second = 0; second < 600; second++) {
      // full pictures break the line, smaller ones do not
      if (degrade.second(degrade.stage === 'full' ? bad : good)) changes += 1;
    }
    expect(changes).toBeLessThan(14);
    let late = 0;
    for (let second = 0; second < 600; second++) {
      if (degrade.second(degrade.stage === 'full' ? bad : good)) late += 1;
    }
    expect(late).toBeLessThanOrEqual(10);
  });

  test('what is neither good nor bad moves nothing', () => {
    const between: LineSample = { ...good, lost: 0.03 };
    expect(run([bad, 20], [between, 300]).map(([, stage]) => stage)).toEqual(['small', 'no_tiles']);
  });

  test('only the papers are left when nothing arrives, and the stage before comes back with the line', () => {
    const changes = run([awful, 10], [nothing, 30], [good, 3]);
    expect(changes.map(([, stage]) => stage)).toEqual(['small', 'papers', 'small']);
    expect(changes[1]?.[0]).toBe(20);
  });
});

describe('what is asked for', () => {
  const view = { main: 'a', main_height: 720, tiles: ['b', 'c'], tile_height: 180, screen_height: 900 };
  test('less from stage to stage', () => {
    const sum = (v: typeof view) => v.main_height + v.tiles.length * v.tile_height + v.screen_height;
    const sums = stages.map((stage) => sum(limitView(view, stage)));
    expect(sums).toEqual([...sums].sort((a, b) => b - a));
    expect(limitView(view, 'full')).toEqual(view);
    expect(limitView(view, 'no_tiles')).toMatchObject({ main: 'a', main_height: 180, tiles: [], screen_height: 900 });
    expect(limitView(view, 'sound')).toMatchObject({ main_height: 0, tiles: [], screen_height: 0 });
    expect(limitView({ ...view, main_height: 100 }, 'small').main_height).toBe(100);
    expect(stages.map(ownLayers)).toEqual([3, 2, 1, 0, 0]);
  });
});
