import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ifMatch, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import type { Act } from '../../../api/useCommand';

export type Delivery = components['schemas']['Delivery'];
export type DeliveryDetail = components['schemas']['DeliveryDetail'];

/** Filters of the incoming list; all of them live in the address of the page. */
export interface Filter {
  state: 'waiting' | 'accepted' | 'refused' | 'all';
  urgency?: number | undefined;
  sender?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export const deliveriesKey = ['deliveries', 'list'] as const;

/** One page of incoming documents. */
export function listDeliveries(filter: Filter, after: string, signal?: AbortSignal) {
  return take(
    api.GET('/api/v1/deliveries', {
      params: {
        query: {
          state: filter.state,
          limit: 50,
          ...(after ? { after } : {}),
          ...(filter.urgency === undefined ? {} : { urgency: filter.urgency }),
          ...(filter.sender ? { sender_id: filter.sender } : {}),
          ...(filter.from ? { from: filter.from } : {}),
          ...(filter.to ? { to: filter.to } : {}),
        },
      },
      ...(signal ? { signal } : {}),
    }),
  );
}

/** The incoming list, page after page. */
export function deliveriesQuery(filter: Filter) {
  return infiniteQueryOptions({
    queryKey: [...deliveriesKey, filter],
    queryFn: ({ pageParam, signal }) => listDeliveries(filter, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });
}

export const deliveryKey = (id: string) => ['delivery', id] as const;

export function deliveryQuery(id: string) {
  return queryOptions({
    queryKey: deliveryKey(id),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/deliveries/{delivery_id}', { params: { path: { delivery_id: id } }, signal })),
  });
}

export function deliveryVerdictQuery(id: string) {
  return queryOptions({
    queryKey: [...deliveryKey(id), 'verdict'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/deliveries/{delivery_id}/verdict', { params: { path: { delivery_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data?.files.some((f) => f.overall === 'checking') ? 2000 : false),
  });
}

/** Judges the signatures of an incoming document again, with what can be found out now. */
export function recheckDelivery(id: string) {
  return take(api.POST('/api/v1/deliveries/{delivery_id}/verdict/recheck', { params: { path: { delivery_id: id } } }));
}

/** Address of a file of an incoming document. */
export function deliveryFileUrl(deliveryId: string, fileId: string): string {
  return `/api/v1/deliveries/${deliveryId}/files/${fileId}`;
}

/** Says that the document was opened; the first time is shown to the sender. */
export function openDelivery(id: string, act: Act) {
  return take(
    api.POST('/api/v1/deliveries/{delivery_id}/open', { params: { path: { delivery_id: id }, header: act.headers } }),
  );
}

interface Target {
  id: string;
  version: number;
}

/** Accepts it under the next number of arrival. */
export function acceptDelivery({ id, version }: Target, act: Act) {
  return take(
    api.POST('/api/v1/deliveries/{delivery_id}/accept', {
      params: { path: { delivery_id: id }, header: { ...act.headers, ...ifMatch(version) } },
    }),
  );
}

/** Refuses it; the reason goes back to the sender. */
export function refuseDelivery({ id, version, reason }: Target & { reason: string }, act: Act) {
  return take(
    api.POST('/api/v1/deliveries/{delivery_id}/refuse', {
      params: { path: { delivery_id: id }, header: { ...act.headers, ...ifMatch(version) } },
      body: { reason },
    }),
  );
}
