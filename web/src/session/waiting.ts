import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { useHasRole } from './me';

/** Key of the number of documents that wait for acceptance. */
export const waitingKey = ['deliveries', 'counts'] as const;

const waitingQuery = queryOptions({
  queryKey: waitingKey,
  queryFn: ({ signal }) => take(api.GET('/api/v1/deliveries/counts', { signal })),
});

/** How many incoming documents wait for the agency to accept them; 0 for people who do not accept. */
export function useWaiting(): number {
  const isClerk = useHasRole('clerk');
  return useQuery({ ...waitingQuery, enabled: isClerk }).data?.waiting ?? 0;
}
