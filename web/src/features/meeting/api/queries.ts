import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, take } from '../../../api/client';
import type { AppointmentRef } from '../types';

/** Keys of everything about meetings; live hints make them old by prefix. */
export const meetingKeys = {
  all: ['meetings'] as const,
  list: (when: When) => ['meetings', 'list', when] as const,
  one: (id: string) => ['meetings', 'one', id] as const,
  record: (id: string) => ['meetings', 'record', id] as const,
  directory: (filter: DirectoryFilter) => ['directory', filter] as const,
};

export type When = 'upcoming' | 'past';

export const meetingsQuery = (when: When) =>
  infiniteQueryOptions({
    queryKey: meetingKeys.list(when),
    queryFn: ({ pageParam, signal }) =>
      take(api.GET('/api/v1/meetings', { params: { query: { when, after: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });

export const meetingQuery = (id: string) =>
  queryOptions({
    queryKey: meetingKeys.one(id),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/meetings/{meeting_id}', { params: { path: { meeting_id: id } }, signal })),
  });

/** The turns that were held at a meeting, in the order they began. */
export const floorRecordQuery = (id: string) =>
  queryOptions({
    queryKey: meetingKeys.record(id),
    queryFn: async ({ signal }) => {
      const params = { path: { meeting_id: id } };
      const { items } = await take(api.GET('/api/v1/meetings/{meeting_id}/floor/record', { params, signal }));
      return items;
    },
  });

/** What an appointment allows. */
export type OfficeRole = AppointmentRef['roles'][number];

/** Which appointments of the directory are wanted. Empty strings ask for all. */
export interface DirectoryFilter {
  q: string;
  agencyId: string;
  role: OfficeRole | '';
}

/** People by their appointments: to choose a chair, a secretary, people to invite. */
export function useDirectory(filter: DirectoryFilter, enabled = true) {
  return useInfiniteQuery({
    queryKey: meetingKeys.directory(filter),
    enabled,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/appointments', {
          params: {
            query: {
              after: pageParam,
              limit: 50,
              ...(filter.q ? { q: filter.q } : {}),
              ...(filter.agencyId ? { agency_id: filter.agencyId } : {}),
              ...(filter.role ? { role: filter.role } : {}),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: (before) => before,
  });
}

/** Agencies of today, for the filter of the directory. */
export function useAgencyNames(enabled = true) {
  return useQuery({
    queryKey: ['agencies', 'names'],
    enabled,
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const names: { id: string; name: string }[] = [];
      let after = '';
      do {
        const page = await take(
          api.GET('/api/v1/agencies', { params: { query: { state: 'active', after, limit: 200 } }, signal }),
        );
        names.push(...page.items.map(({ id, name }) => ({ id, name })));
        after = page.next;
      } while (after);
      return names;
    },
  });
}
