import { expect, test } from 'vitest';
import type { Verdict } from '../../../shared/verdict/verdict';
import type { OfficialDocument } from '../api/documents';
import { checksOf } from './checks';
import type { LayoutField } from './layout';

const document = {
  steps: [
    { at: '1', state: 'draft', by: { full_name: 'A' }, reason: '' },
    { at: '2', state: 'submitted', by: { full_name: 'A' }, reason: '' },
    { at: '3', state: 'draft', by: { full_name: 'L' }, reason: 'sai' },
    { at: '4', state: 'submitted', by: { full_name: 'B' }, reason: '' },
  ],
} as Pick<OfficialDocument, 'steps'>;
const place: LayoutField = { kind: 'person', page: 2, x: 1, y: 1, width: 1, height: 1, source: 'found' };
const verdict = (overall: string, signatures: number) =>
  ({ files: [{ overall, signatures: Array(signatures).fill({}) }], missing: [] }) as unknown as Verdict;
const keys = (...args: Parameters<typeof checksOf>) => checksOf(...args).map((c) => `${c.key} ${c.tone}`);
const time = (at: string) => `t${at}`;

test('a document that may be signed tells who submitted it last, and that it was read', () => {
  const checks = checksOf(document, [place], verdict('unsigned', 0), { seen: 2, total: 2 }, time);
  expect(checks.map((c) => c.tone)).toEqual(['green', 'green', 'green', 'green', 'green']);
  expect(checks[0]?.args).toEqual({ who: 'B', time: 't4' });
});

test('what is not sure is amber, what is broken is red', () => {
  expect(keys(document, [{ ...place, source: 'default' }], verdict('invalid', 1), { seen: 1, total: 2 }, time)).toEqual(
    ['submitted green', 'unchanged green', 'broken red', 'placeDefault amber', 'notSeen amber'],
  );
});

test('what is not known yet is not told', () => {
  expect(keys({ steps: [] }, undefined, verdict('checking', 0), { seen: 0, total: 0 }, time)).toEqual([]);
});
