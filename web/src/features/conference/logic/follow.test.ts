import { describe, expect, it } from 'vitest';
import { follow, startFollow } from './follow';

const items = [
  { id: 'one', papers: [{ id: 'p1' }, { id: 'p2' }] },
  { id: 'two', papers: [{ id: 'p3' }] },
  { id: 'three', papers: [] },
];

describe('follow', () => {
  it('opens the first paper of the item that was called', () => {
    const state = follow(startFollow, { type: 'agenda', items, currentId: 'two' });
    expect(state).toEqual({ following: true, itemId: 'two', paperId: 'p3' });
  });
  it('shows the first item before any was called', () => {
    expect(follow(startFollow, { type: 'agenda', items, currentId: null }).paperId).toBe('p1');
  });
  it('goes along when the chair calls the next item', () => {
    const first = follow(startFollow, { type: 'agenda', items, currentId: 'one' });
    expect(follow(first, { type: 'agenda', items, currentId: 'three' })).toEqual({
      following: true,
      itemId: 'three',
      paperId: undefined,
    });
  });
  it('keeps following when another paper of the current item is opened', () => {
    const first = follow(startFollow, { type: 'agenda', items, currentId: 'one' });
    const other = follow(first, { type: 'open', itemId: 'one', paperId: 'p2', currentId: 'one' });
    expect(other).toEqual({ following: true, itemId: 'one', paperId: 'p2' });
    expect(follow(other, { type: 'agenda', items, currentId: 'one' })).toBe(other);
  });
  it('stays on its own after a paper of another item is opened, until asked to follow again', () => {
    const first = follow(startFollow, { type: 'agenda', items, currentId: 'one' });
    const own = follow(first, { type: 'open', itemId: 'two', paperId: 'p3', currentId: 'one' });
    expect(own.following).toBe(false);
    expect(follow(own, { type: 'agenda', items, currentId: 'three' })).toBe(own);
    expect(follow(own, { type: 'follow', items, currentId: 'one' })).toEqual({
      following: true,
      itemId: 'one',
      paperId: 'p1',
    });
  });
  it('falls back when the paper on screen is withdrawn', () => {
    const own = { following: false, itemId: 'one', paperId: 'p2' };
    const less = [{ id: 'one', papers: [{ id: 'p1' }] }];
    expect(follow(own, { type: 'agenda', items: less, currentId: 'one' })).toEqual({
      following: false,
      itemId: 'one',
      paperId: 'p1',
    });
  });
  it('can be held where it is', () => {
    const first = follow(startFollow, { type: 'agenda', items, currentId: 'one' });
    const held = follow(first, { type: 'stay' });
    expect(held.following).toBe(false);
    expect(follow(held, { type: 'agenda', items, currentId: 'two' }).paperId).toBe('p1');
  });
});
