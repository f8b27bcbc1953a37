import { describe, expect, it } from 'vitest';
import { featured, nextLayout, type Placed, stageOf, strip } from './layout';

type Someone = Placed & { role: string };

function person(id: string, more: Partial<Someone> = {}): Someone {
  return {
    id,
    name: id,
    role: 'member',
    self: false,
    chair: false,
    speaking: false,
    camera: true,
    floor: false,
    hand: 0,
    ...more,
  };
}

describe('stage', () => {
  it('turns through the three layouts', () => {
    expect(nextLayout('balanced')).toBe('speaker');
    expect(nextLayout('speaker')).toBe('paper');
    expect(nextLayout('paper')).toBe('balanced');
  });
  it('gives each layout its places', () => {
    expect(stageOf({ layout: 'balanced', mediaFailed: false, hasPaper: true, sharing: false })).toEqual({
      video: 'beside',
      paper: 'beside',
    });
    expect(stageOf({ layout: 'speaker', mediaFailed: false, hasPaper: true, sharing: false })).toEqual({
      video: 'full',
      paper: 'corner',
    });
    expect(stageOf({ layout: 'paper', mediaFailed: false, hasPaper: true, sharing: false })).toEqual({
      video: 'corner',
      paper: 'full',
    });
  });
  it('gives the paper everything when media fail', () => {
    for (const layout of ['balanced', 'speaker', 'paper'] as const) {
      expect(stageOf({ layout, mediaFailed: true, hasPaper: true, sharing: false })).toEqual({
        video: 'none',
        paper: 'full',
      });
    }
  });
  it('gives the stage to a screen that is shown, unless the paper was chosen', () => {
    const shown = { mediaFailed: false, hasPaper: true, sharing: true };
    expect(stageOf({ layout: 'balanced', ...shown })).toEqual({ video: 'full', paper: 'corner' });
    expect(stageOf({ layout: 'speaker', ...shown, hasPaper: false })).toEqual({ video: 'full', paper: 'none' });
    expect(stageOf({ layout: 'paper', ...shown })).toEqual({ video: 'corner', paper: 'full' });
    expect(stageOf({ layout: 'balanced', ...shown, mediaFailed: true })).toEqual({ video: 'none', paper: 'full' });
  });
  it('shows no empty thumbnail when there is no paper', () => {
    expect(stageOf({ layout: 'speaker', mediaFailed: false, hasPaper: false, sharing: false }).paper).toBe('none');
  });
});

describe('featured', () => {
  it('follows the voice', () => {
    expect(featured([person('a', { chair: true }), person('b', { speaking: true })], 'a')?.id).toBe('b');
  });
  it('follows the floor before any voice', () => {
    expect(featured([person('a', { speaking: true }), person('b', { floor: true })], 'a')?.id).toBe('b');
    expect(featured([person('me', { self: true, floor: true }), person('b')], undefined)?.id).toBe('b');
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
  it('puts who has the floor first, then chair and hall, then who asks by place', () => {
    const people = [
      person('plain'),
      person('third', { hand: 3, camera: false }),
      person('first', { hand: 1 }),
      person('hall', { role: 'hall' }),
      person('turn', { floor: true }),
    ];
    expect(strip(people, undefined).map((p) => p.id)).toEqual(['turn', 'hall', 'first', 'third', 'plain']);
  });
});
