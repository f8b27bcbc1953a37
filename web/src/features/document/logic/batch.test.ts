import { expect, test } from 'vitest';
import type { DocumentSummary } from '../api/documents';
import type { SignatureItem } from '../api/requests';
import { resultsOf, toSign } from './batch';

const item = (document_id: string, state: SignatureItem['state'], reason = '') =>
  ({ document_id, state, reason, subject: `V/v ${document_id}` }) as SignatureItem;

test('every document of a batch has one result, failures first', () => {
  const items = [item('a', 'done'), item('b', 'failed', 'Tệp đã đổi'), item('c', 'waiting'), item('a', 'done')];
  expect(resultsOf({ items }).map((r) => [r.documentId, r.outcome, r.reason])).toEqual([
    ['b', 'failed', 'Tệp đã đổi'],
    ['c', 'waiting', ''],
    ['a', 'signed', ''],
  ]);
});

test('a document is signed only when all of its files are', () => {
  expect(resultsOf({ items: [item('a', 'done'), item('a', 'cancelled', 'hủy')] })).toMatchObject([
    { outcome: 'failed', reason: 'hủy' },
  ]);
  expect(resultsOf({ items: [item('a', 'done'), item('a', 'prepared')] })).toMatchObject([{ outcome: 'waiting' }]);
});

test('documents to sign come in the order of the work, and only those that are known', () => {
  const documents = [{ id: '1' }, { id: '2' }, { id: '3' }] as DocumentSummary[];
  expect(toSign(['3', 'x', '1'], documents).map((d) => d.id)).toEqual(['3', '1']);
});
