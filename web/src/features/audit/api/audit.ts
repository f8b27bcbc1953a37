import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../../../api/client';
import type { components } from '../../../api/schema';

export type AuditEvent = components['schemas']['AuditEvent'];

export interface AuditFilter {
  /** A kind of event, or the feature before its dot; empty for all. */
  kind: string;
  /** Id of the thing it happened to; empty for all. */
  objectId: string;
}

export const eventsQuery = ({ kind, objectId }: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'events', kind, objectId],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/audit/events', {
          params: {
            query: {
              after: pageParam,
              limit: 100,
              ...(kind ? { kind } : {}),
              ...(objectId ? { object_id: objectId } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });

export const statusQuery = queryOptions({
  queryKey: ['audit', 'status'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/audit/status', { signal })),
  refetchInterval: 10_000,
});
