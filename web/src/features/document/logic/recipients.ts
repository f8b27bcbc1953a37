import type { components } from '../../../api/schema';
import { deliveryState, type State } from '../../../ui/marks';
import type { OutgoingDelivery } from '../api/documents';

export type Counts = components['schemas']['DeliveryCounts'];

const rank: Partial<Record<State, number>> = { refused: 0, failed: 1, arrived: 2, sending: 3, queued: 4, accepted: 5 };

/** What needs a look first: refused, failed, not accepted yet; then by name. */
export function sorted(items: readonly OutgoingDelivery[]): OutgoingDelivery[] {
  const of = (d: OutgoingDelivery) => rank[deliveryState(d.transport, d.status)] ?? 6;
  return [...items].sort((a, b) => of(a) - of(b) || a.recipient_name.localeCompare(b.recipient_name, 'vi'));
}

/** How many recipients stand where. */
export function countsOf(items: readonly OutgoingDelivery[]): Counts {
  const counts: Counts = { queued: 0, sent: 0, delivered: 0, failed: 0, accepted: 0, refused: 0 };
  for (const d of items) {
    const state = deliveryState(d.transport, d.status);
    if (state === 'accepted' || state === 'refused' || state === 'failed' || state === 'queued') counts[state] += 1;
    else if (state === 'sending') counts.sent += 1;
    else if (state === 'arrived') counts.delivered += 1;
  }
  return counts;
}

/** Groups of the bar: done, waiting for the recipient, on the way, to be looked at. */
export function groupsOf(counts: Counts) {
  return {
    accepted: counts.accepted,
    waiting: counts.delivered,
    sending: counts.queued + counts.sent,
    trouble: counts.refused + counts.failed,
  };
}
