import { describe, expect, it } from 'vitest';
import { treeOrder } from './tree';

const show = (list: { id: string; parent_id?: string | null; code: string }[]) =>
  treeOrder(list).map(({ node, depth }) => `${' '.repeat(depth)}${node.id}`);

describe('tree of agencies', () => {
  it('puts each below its parent, by code', () => {
    const list = [
      { id: 'ward', parent_id: 'district', code: 'C1' },
      { id: 'dept', parent_id: 'city', code: 'B2' },
      { id: 'city', parent_id: null, code: 'A' },
      { id: 'district', parent_id: 'city', code: 'B1' },
    ];
    expect(show(list)).toEqual(['city', ' district', '  ward', ' dept']);
  });
  it('counts the numbers in codes', () => {
    const list = ['H77.10', 'H77.2', 'H77'].map((code) => ({ id: code, code, parent_id: null }));
    expect(show(list)).toEqual(['H77', 'H77.2', 'H77.10']);
  });
  it('keeps what has lost its parent', () => {
    expect(show([{ id: 'ward', parent_id: 'gone', code: 'C1' }])).toEqual(['ward']);
  });
  it('cuts a ring', () => {
    const ring = [
      { id: 'a', parent_id: 'b', code: '1' },
      { id: 'b', parent_id: 'a', code: '2' },
    ];
    expect(show(ring)).toEqual(['a', ' b']);
  });
});
