import type { State } from '../../../ui/marks';
import type { DeliveryDetail } from '../api/deliveries';

/** One stop on the road of an incoming document; `at` is null for the stop that is still to come. */
export interface Stop {
  key: 'released' | 'failed' | 'arrived' | 'opened' | 'accepted' | 'refused' | 'decide';
  state: State;
  at: string | null;
  who: string;
  reason: string;
}

/** The road as a reader understands it: release, failures on the way, arrival, opening, decision. */
export function roadOf({ delivery, events }: DeliveryDetail): Stop[] {
  const stops: Stop[] = [];
  for (const event of events) {
    const who = event.by ? event.by.full_name : '';
    const stop = { at: event.at, who, reason: event.reason };
    if (event.status === 3) stops.push({ ...stop, key: 'accepted', state: 'accepted' });
    else if (event.status === 2) stops.push({ ...stop, key: 'refused', state: 'refused' });
    else if (event.transport === 'queued' && stops.length === 0) {
      stops.push({ ...stop, key: 'released', state: 'released', who: delivery.sender_name });
    } else if (event.transport === 'failed') stops.push({ ...stop, key: 'failed', state: 'failed' });
    else if (event.transport === 'delivered' && !stops.some((s) => s.key === 'arrived')) {
      stops.push({ ...stop, key: 'arrived', state: 'arrived', who: '' });
    }
  }
  if (delivery.opened_at)
    insert(stops, { key: 'opened', state: 'accepted', at: delivery.opened_at, who: '', reason: '' });
  if (delivery.status === 1) stops.push({ key: 'decide', state: 'queued', at: null, who: '', reason: '' });
  return stops;
}

function insert(stops: Stop[], stop: Stop): void {
  const after = stops.findIndex((s) => s.at !== null && stop.at !== null && s.at > stop.at);
  stops.splice(after < 0 ? stops.length : after, 0, stop);
}
