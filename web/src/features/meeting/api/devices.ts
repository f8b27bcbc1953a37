import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../../api/client';
import { useCommand } from '../../../api/useCommand';
import type { NewRoomDevice, RoomDeviceAdded } from '../types';
import { meetingKeys } from './queries';

const key = (meetingId: string) => [...meetingKeys.one(meetingId), 'devices'] as const;

/** The room devices of a meeting that the reader looks after. */
export const devicesQuery = (meetingId: string) =>
  queryOptions({
    queryKey: key(meetingId),
    queryFn: async ({ signal }) => {
      const params = { path: { meeting_id: meetingId } };
      const { items } = await take(api.GET('/api/v1/meetings/{meeting_id}/devices', { params, signal }));
      return items;
    },
  });

export function useAddDevice(meetingId: string, onDone: (added: RoomDeviceAdded) => void) {
  return useCommand({
    run: (body: NewRoomDevice, act) => {
      const params = { path: { meeting_id: meetingId }, header: act.headers };
      return take(api.POST('/api/v1/meetings/{meeting_id}/devices', { params, body }));
    },
    touches: () => [key(meetingId)],
    onDone,
  });
}

export function useRevokeDevice(meetingId: string, onDone: () => void) {
  return useCommand({
    run: async (deviceId: string) => {
      const params = { path: { meeting_id: meetingId, device_id: deviceId } };
      await take(api.DELETE('/api/v1/meetings/{meeting_id}/devices/{device_id}', { params }));
    },
    touches: () => [key(meetingId)],
    onDone,
  });
}
