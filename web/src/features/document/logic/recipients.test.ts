import { expect, test } from 'vitest';
import type { OutgoingDelivery } from '../api/documents';
import { countsOf, groupsOf, sorted } from './recipients';

const make = (recipient_name: string, transport: OutgoingDelivery['transport'], status: OutgoingDelivery['status']) =>
  ({ recipient_name, transport, status }) as OutgoingDelivery;
const items = [
  make('Sở B', 'delivered', 3),
  make('Sở C', 'queued', null),
  make('Sở D', 'failed', null),
  make('Sở A', 'delivered', 1),
  make('Sở E', 'delivered', 2),
];

test('what needs a look comes first', () => {
  expect(sorted(items).map((d) => d.recipient_name)).toEqual(['Sở E', 'Sở D', 'Sở A', 'Sở C', 'Sở B']);
});

test('counts and groups add up', () => {
  const counts = countsOf(items);
  expect(counts).toEqual({ queued: 1, sent: 0, delivered: 1, failed: 1, accepted: 1, refused: 1 });
  expect(groupsOf(counts)).toEqual({ accepted: 1, waiting: 1, sending: 1, trouble: 2 });
});
