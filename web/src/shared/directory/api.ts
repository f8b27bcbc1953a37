import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client';
import type { components } from '../../api/schema';

export type Agency = components['schemas']['Agency'];
export type AppointmentRef = components['schemas']['AppointmentRef'];

async function allAgencies(signal: AbortSignal): Promise<Agency[]> {
  const agencies: Agency[] = [];
  let after = '';
  do {
    const page = await take(
      api.GET('/api/v1/agencies', {
        params: { query: { state: 'active', limit: 200, ...(after ? { after } : {}) } },
        signal,
      }),
    );
    agencies.push(...page.items);
    after = page.next ?? '';
  } while (after);
  return agencies;
}

/** All agencies that exist today: a city has a few hundred at most. */
export const agenciesQuery = queryOptions({
  queryKey: ['agencies', 'active'],
  queryFn: ({ signal }) => allAgencies(signal),
  staleTime: 5 * 60_000,
});

/** People of the directory: appointments with a role, in one agency or all, whose name or position fits. */
export function peopleQuery(filter: { role?: string; agencyId?: string; q?: string }) {
  return queryOptions({
    queryKey: ['appointments', filter],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/appointments', {
          params: {
            query: {
              limit: 100,
              ...(filter.role ? { role: filter.role } : {}),
              ...(filter.agencyId ? { agency_id: filter.agencyId } : {}),
              ...(filter.q ? { q: filter.q } : {}),
            } as { limit: number },
          },
          signal,
        }),
      ),
    staleTime: 60_000,
  });
}
