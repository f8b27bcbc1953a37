import type { Comparison, Revision } from './api';

/** The two states to compare first: the last signed one and what came after it; else the last two. */
export function firstPair(revisions: readonly Revision[]): { a: number; b: number } {
  const last = revisions.at(-1)?.number ?? 1;
  const signed = revisions.findLast((r) => r.kind === 'signature' && r.number < last);
  return { a: signed?.number ?? Math.max(1, last - 1), b: last };
}

/** Every page with what changed on it; pages that look alike have no areas. */
export function pagesOf(comparison: Comparison): { page: number; changed: boolean }[] {
  const changed = new Set(comparison.pages.map((p) => p.page));
  return Array.from({ length: comparison.page_count }, (_, i) => ({ page: i + 1, changed: changed.has(i + 1) }));
}

/** The page to show first: the first that changed. */
export function firstPage(comparison: Comparison): number {
  return comparison.pages[0]?.page ?? 1;
}
