import { api, ifMatch, take } from '../../../api/client';
import { useCommand } from '../../../api/useCommand';
import type { Invitation, Meeting } from '../types';
import { meetingKeys } from './queries';

export interface ItemInput {
  title: string;
  minutes: number;
  presenter: string;
}

export interface MeetingInput {
  title: string;
  starts_at: string;
  ends_at: string;
  place: string;
  online: boolean;
  chair_id: string;
  secretary_id: string;
}

const touches = () => [meetingKeys.all, ['work']];

export function useCreateMeeting(onDone: (meeting: Meeting) => void) {
  return useCommand({
    run: (body: MeetingInput & { items: ItemInput[] }, act) =>
      take(api.POST('/api/v1/meetings', { params: { header: act.headers }, body })),
    touches,
    onDone,
  });
}

export function useChangeMeeting(meeting: { id: string; version: number }, onDone: () => void) {
  return useCommand({
    run: (body: MeetingInput) =>
      take(
        api.PUT('/api/v1/meetings/{meeting_id}', {
          params: { path: { meeting_id: meeting.id }, header: ifMatch(meeting.version) },
          body,
        }),
      ),
    touches,
    onDone,
  });
}

/** Sends the invitations that have not been sent. */
export function useConvene(meetingId: string, onDone: () => void) {
  return useCommand({
    run: (version: number, act) =>
      take(
        api.POST('/api/v1/meetings/{meeting_id}/convene', {
          params: { path: { meeting_id: meetingId }, header: { ...act.headers, ...ifMatch(version) } },
        }),
      ),
    touches,
    onDone,
  });
}

export function useCancelMeeting(meetingId: string, onDone: () => void) {
  return useCommand({
    run: (reason: string, act) =>
      take(
        api.POST('/api/v1/meetings/{meeting_id}/cancel', {
          params: { path: { meeting_id: meetingId }, header: act.headers },
          body: { reason },
        }),
      ),
    touches,
    onDone,
  });
}

export type AnswerWord = 'accepted' | 'declined';

export function useAnswer(meetingId: string, onDone: () => void) {
  return useCommand({
    run: ({ answer, reason }: { answer: AnswerWord; reason: string }, act) =>
      take(
        api.POST('/api/v1/meetings/{meeting_id}/answer', {
          params: { path: { meeting_id: meetingId }, header: act.headers },
          body: { answer, reason },
        }),
      ),
    touches,
    onDone,
  });
}

export function useAddItem(meetingId: string, onDone: () => void) {
  return useCommand({
    run: (body: ItemInput, act) =>
      take(
        api.POST('/api/v1/meetings/{meeting_id}/items', {
          params: { path: { meeting_id: meetingId }, header: act.headers },
          body,
        }),
      ),
    touches,
    onDone,
  });
}

export function useChangeItem(itemId: string, onDone: () => void) {
  return useCommand({
    run: (body: ItemInput) => take(api.PUT('/api/v1/items/{item_id}', { params: { path: { item_id: itemId } }, body })),
    touches,
    onDone,
  });
}

export function useRemoveItem(onDone: () => void) {
  return useCommand({
    run: (itemId: string) => take(api.DELETE('/api/v1/items/{item_id}', { params: { path: { item_id: itemId } } })),
    touches,
    onDone,
  });
}

export function useOrderItems(meetingId: string) {
  return useCommand({
    run: (item_ids: string[]) =>
      take(
        api.PUT('/api/v1/meetings/{meeting_id}/order', {
          params: { path: { meeting_id: meetingId } },
          body: { item_ids },
        }),
      ),
    touches,
  });
}

export function useAddPaper(itemId: string) {
  return useCommand({
    run: ({ uploadId, name }: { uploadId: string; name: string }, act) =>
      take(
        api.POST('/api/v1/items/{item_id}/papers', {
          params: { path: { item_id: itemId }, header: act.headers },
          body: { upload_id: uploadId, name },
        }),
      ),
    touches,
  });
}

export function useReplacePaper(paperId: string, onDone: () => void) {
  return useCommand({
    run: (uploadId: string, act) =>
      take(
        api.POST('/api/v1/papers/{paper_id}/replace', {
          params: { path: { paper_id: paperId }, header: act.headers },
          body: { upload_id: uploadId },
        }),
      ),
    touches,
    onDone,
  });
}

export function useRemovePaper(onDone: () => void) {
  return useCommand({
    run: (paperId: string) =>
      take(api.DELETE('/api/v1/papers/{paper_id}', { params: { path: { paper_id: paperId } } })),
    touches,
    onDone,
  });
}

export interface Invitee {
  appointment_id: string;
  role: Invitation['role'];
}

export function useInvite(meetingId: string, onDone: () => void) {
  return useCommand({
    run: (people: Invitee[]) =>
      take(
        api.PUT('/api/v1/meetings/{meeting_id}/invitations', {
          params: { path: { meeting_id: meetingId } },
          body: { people },
        }),
      ),
    touches,
    onDone,
  });
}
