import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import type { components } from '../api/schema';

export type Me = components['schemas']['Me'];
export type AppointmentRef = components['schemas']['AppointmentRef'];
export type Installation = components['schemas']['Installation'];

/** Key of the signed-in person in the cache. */
export const meKey = ['me'] as const;

export const meQuery = queryOptions({
  queryKey: meKey,
  queryFn: ({ signal }) => take(api.GET('/api/v1/me', { signal })),
  staleTime: 60_000,
});

/** The signed-in person, or undefined before the first answer. */
export function useMe(): Me | undefined {
  return useQuery(meQuery).data;
}

/** The appointment in which the session acts, or null. */
export function useActor(): AppointmentRef | null {
  return useMe()?.current ?? null;
}

/** True when the session acts with at least one of these roles. */
export function useHasRole(...roles: string[]): boolean {
  const actor = useActor();
  return !!actor?.roles?.some((role) => roles.includes(role));
}

export const installationQuery = queryOptions({
  queryKey: ['installation'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/installation', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});
