import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client';
import type { components } from '../../api/schema';

export type MeetingLines = components['schemas']['MeetingQuality'];
export type Line = components['schemas']['LineQuality'];

/** How often the lines are read anew while somebody looks at them, in milliseconds. */
const every = 4_000;

/** How everybody's line in the room of a meeting is. */
export const linesQuery = (meetingId: string) =>
  queryOptions({
    queryKey: ['meetings', 'lines', meetingId] as const,
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/meetings/{meeting_id}/quality', { params: { path: { meeting_id: meetingId } }, signal })),
    refetchInterval: every,
    gcTime: 0,
  });
