import { describe, expect, it } from 'vitest';
import { featured, nextLayout, type Placed, stageOf, strip } from './layout';

function person(id: string, more: Partial<Placed> = {}): Placed {
  return { id, name: id, self: false, chair: false, speaking: false, camera: true, ...more };
}

describe('stage', () => {
  it('turns through the three layouts', () => {
    expect(nextLayout('balanced')).toBe('speaker');
    expect(nextLayout('speaker')).toBe('paper');
    expect(nextLayout('paper')).toBe('balanced');
  });
  it('gives each layout its places', () => {
    expect(stageOf({ layout: 'balanced', mediaFailed: false, hasPaper: true })).toEqual({
      video: 'beside',
      paper: 'beside',
    });
    expect(stageOf({ layout: 'speaker', mediaFailed: false, hasPaper: true })).toEqual({
      video: 'full',
      paper: 'corner',
    });
    expect(stageOf({ layout: 'paper', mediaFailed: false, hasPaper: true })).toEqual({
      video: 'corner',
      paper: 'full',
    });
  });
  it('gives the paper everything when media fail', () => {
    for (const layout of ['balanced', 'speaker', 'paper'] as const) {
      expect(stageOf({ layout, mediaFailed: true, hasPaper: true })).toEqual({ video: 'none', paper: 'full' });
    }
  });
  it('shows no empty thumbnail when there is no paper', () => {
    expect(stageOf({ layout: 'speaker', mediaFailed: false, hasPaper: false }).paper).toBe('none');
  });
});

describe('featured', () => {
  it('follows the voice', () => {
    expect(featured([person('a', { chair: true }), person('b', { speaking: true })], 'a')?.id).toBe('b');
  });
  it('does not jump between two who speak at once', () => {
    expect(featured([person('a', { speaking: true }), person('b', { speaking: true })], 'b')?.id).toBe('b');
  });
  it('keeps the last speaker through a silence', () => {
    expect(featured([person('a', { chair: true }), person('b')], 'b')?.id).toBe('b');
  });
  it('begins with the chair, and moves on when the featured one has left', () => {
    expect(featured([person('b'), person('a', { chair: true })], undefined)?.id).toBe('a');
    expect(featured([person('b'), person('a', { chair: true })], 'gone')?.id).toBe('a');
  });
  it('never features oneself while others are here', () => {
    expect(
      featured([person('me', { self: true, speaking: true }), person('b', { camera: false })], undefined)?.id,
    ).toBe('b');
    expect(featured([person('me', { self: true })], undefined)?.id).toBe('me');
    expect(featured([], undefined)).toBeUndefined();
  });
});

describe('strip', () => {
  it('orders the small pictures: chair, speaking, camera, the rest, oneself', () => {
    const people = [
      person('me', { self: true }),
      person('dark', { camera: false }),
      person('cam'),
      person('voice', { speaking: true }),
      person('head', { chair: true }),
      person('big'),
    ];
    expect(strip(people, 'big').map((p) => p.id)).toEqual(['head', 'voice', 'cam', 'dark', 'me']);
  });
});
