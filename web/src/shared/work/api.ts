import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client';
import type { components } from '../../api/schema';

export type Work = components['schemas']['Work'];
export type WorkItem = components['schemas']['WorkItem'];
export type WorkMeeting = components['schemas']['WorkMeeting'];
export type WorkSent = components['schemas']['WorkSent'];

export const workKey = ['work'] as const;

/** Everything that waits for the person in this appointment. */
export const workQuery = queryOptions({
  queryKey: workKey,
  queryFn: ({ signal }) => take(api.GET('/api/v1/work', { signal })),
});
