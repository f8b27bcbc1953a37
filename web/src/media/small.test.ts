import { describe, expect, test } from 'vitest';
import { deviceName } from './device';
import { loudness } from './level';

describe('loudness', () => {
  test('silence is 0, full is 1, half is in between', () => {
    expect(loudness(new Float32Array(512))).toBe(0);
    expect(loudness(new Float32Array(512).fill(1))).toBe(1);
    expect(loudness(new Float32Array(512).fill(0.03))).toBeCloseTo(0.49, 1);
  });
});

describe('deviceName', () => {
  test('stays the same in a tab, and works without storage', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    } as unknown as Storage;
    const name = deviceName(storage);
    expect(name).toMatch(/^[0-9a-f]{24}$/);
    expect(deviceName(storage)).toBe(name);
    const blocked = {
      getItem: () => {
        throw new DOMException('', 'SecurityError');
      },
    } as unknown as Storage;
    expect(deviceName(blocked)).toMatch(/^[0-9a-f]{24}$/);
  });
});
