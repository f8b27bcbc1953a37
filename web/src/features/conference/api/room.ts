import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import { useCommand } from '../../../api/useCommand';

export type RoomMeeting = components['schemas']['Meeting'];
export type RoomItem = components['schemas']['AgendaItem'];

/** The room reads the meeting under the key of the meeting pages, so that both share one copy. */
export const roomKeys = {
  meeting: (id: string) => ['meetings', 'one', id] as const,
};

export const roomMeetingQuery = (id: string) =>
  queryOptions({
    queryKey: roomKeys.meeting(id),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/meetings/{meeting_id}', { params: { path: { meeting_id: id } }, signal })),
  });

const touches = () => [['meetings'], ['work']];

/** Goes on to an item of the agenda; the papers of all who follow go with it. */
export function useCallItem(meetingId: string) {
  return useCommand({
    run: (itemId: string, act) =>
      take(
        api.POST('/api/v1/meetings/{meeting_id}/call-item', {
          params: { path: { meeting_id: meetingId }, header: act.headers },
          body: { item_id: itemId },
        }),
      ),
    touches,
  });
}

export function useOpenSession(meetingId: string) {
  return useCommand({
    run: (_: null, act) =>
      take(
        api.POST('/api/v1/meetings/{meeting_id}/open', {
          params: { path: { meeting_id: meetingId }, header: act.headers },
        }),
      ),
    touches,
  });
}

export function useCloseSession(meetingId: string, onDone: () => void) {
  return useCommand({
    run: (_: null, act) =>
      take(
        api.POST('/api/v1/meetings/{meeting_id}/close', {
          params: { path: { meeting_id: meetingId }, header: act.headers },
        }),
      ),
    touches,
    onDone,
  });
}
