import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import type { Act } from '../../../api/useCommand';

export type DemoAccount = components['schemas']['DemoAccount'];
export type SessionInfo = components['schemas']['SessionInfo'];

/** What the sign-in form sends. */
export interface Credentials {
  username: string;
  password: string;
  shared: boolean;
}

/** Opens a session in this browser. */
export function signIn({ username, password, shared }: Credentials) {
  return take(api.POST('/api/v1/sign-in', { body: { username, password, shared_computer: shared } }));
}

/** Changes the own password; all other sessions end. */
export function changePassword(input: { current: string; next: string }, act: Act) {
  return take(
    api.POST('/api/v1/me/password', {
      params: { header: act.headers },
      body: { current_password: input.current, new_password: input.next },
    }),
  );
}

export const sessionsKey = ['sessions'] as const;

export const sessionsQuery = queryOptions({
  queryKey: sessionsKey,
  queryFn: ({ signal }) => take(api.GET('/api/v1/me/sessions', { signal })),
});

/** Ends one of the own sessions. */
export function endSession(sessionId: string) {
  return take(api.DELETE('/api/v1/me/sessions/{session_id}', { params: { path: { session_id: sessionId } } }));
}
