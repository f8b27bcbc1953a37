import { describe, expect, test } from 'vitest';
import type { Revision } from './api';
import { firstPage, firstPair, pagesOf } from './pairs';

const revision = (number: number, kind: Revision['kind']): Revision => ({
  number,
  kind,
  size: number * 1000,
  at: null,
  signature_field: '',
  signer_name: '',
});

describe('states of a file', () => {
  test('what came after the last signature is compared first', () => {
    expect(firstPair([revision(1, 'original'), revision(2, 'signature'), revision(3, 'update')])).toEqual({
      a: 2,
      b: 3,
    });
    expect(firstPair([revision(1, 'original'), revision(2, 'signature')])).toEqual({ a: 1, b: 2 });
    expect(firstPair([revision(1, 'original')])).toEqual({ a: 1, b: 1 });
  });

  test('pages that changed are told apart, and the first of them is shown', () => {
    const comparison = { page_count: 3, pages: [{ page: 2, width: 210, height: 297, areas: [] }] };
    expect(pagesOf(comparison)).toEqual([
      { page: 1, changed: false },
      { page: 2, changed: true },
      { page: 3, changed: false },
    ]);
    expect(firstPage(comparison)).toBe(2);
    expect(firstPage({ page_count: 1, pages: [] })).toBe(1);
  });
});
