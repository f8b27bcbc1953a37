import { api, take } from '../../../api/client';
import { useCommand } from '../../../api/useCommand';
import type { Floor } from '../../../media/types';

/** What is chosen for the speakers of a meeting. */
export interface FloorSettings {
  mode: Floor['mode'];
  /** Time of a speaker. */
  seconds: number;
}

/** Whom to call: a turn of the queue, or somebody who did not ask. */
export interface CallInput {
  turn_id?: string;
  appointment_id?: string;
}

/**
 * The acts of the floor. Their answers are not kept: the room hears every change over its socket, and
 * the meeting's pages by hints.
 */
export function useFloorCommands(meetingId: string) {
  const path = { meeting_id: meetingId };
  return {
    ask: useCommand({
      run: (topic: string, act) =>
        take(
          api.POST('/api/v1/meetings/{meeting_id}/floor/turns', {
            params: { path, header: act.headers },
            body: { topic },
          }),
        ),
    }),
    withdraw: useCommand({
      run: (turnId: string, act) =>
        take(
          api.POST('/api/v1/meetings/{meeting_id}/floor/turns/{turn_id}/withdraw', {
            params: { path: { ...path, turn_id: turnId }, header: act.headers },
          }),
        ),
    }),
    order: useCommand({
      run: (turn_ids: string[]) =>
        take(api.PUT('/api/v1/meetings/{meeting_id}/floor/order', { params: { path }, body: { turn_ids } })),
    }),
    call: useCommand({
      run: (body: CallInput, act) =>
        take(api.POST('/api/v1/meetings/{meeting_id}/floor/call', { params: { path, header: act.headers }, body })),
    }),
    extend: useCommand({
      run: ({ turnId, seconds }: { turnId: string; seconds: number }, act) =>
        take(
          api.POST('/api/v1/meetings/{meeting_id}/floor/turns/{turn_id}/extend', {
            params: { path: { ...path, turn_id: turnId }, header: act.headers },
            body: { seconds },
          }),
        ),
    }),
    end: useCommand({
      run: (turnId: string, act) =>
        take(
          api.POST('/api/v1/meetings/{meeting_id}/floor/turns/{turn_id}/end', {
            params: { path: { ...path, turn_id: turnId }, header: act.headers },
          }),
        ),
    }),
    clear: useCommand({
      run: (_: null, act) =>
        take(api.POST('/api/v1/meetings/{meeting_id}/floor/clear', { params: { path, header: act.headers } })),
    }),
    settings: useCommand({
      run: (body: FloorSettings) =>
        take(api.PUT('/api/v1/meetings/{meeting_id}/floor/settings', { params: { path }, body })),
    }),
  };
}

export type FloorCommands = ReturnType<typeof useFloorCommands>;
