import { queryOptions } from '@tanstack/react-query';
import { api, apiLanguage, take } from '../../../api/client';
import { ApiError, problemOf } from '../../../api/problem';
import type { components } from '../../../api/schema';
import type { Act } from '../../../api/useCommand';
import type { Purpose } from './signing';

export type SignatureRequest = components['schemas']['SignatureRequest'];
export type SignatureItem = SignatureRequest['items'][number];
export type AgentLink = components['schemas']['AgentLink'];

/** Asks for signatures on several documents at once. */
export function requestSignatures(
  input: { documents: readonly { id: string; version: number }[]; purpose: Purpose; certificateId: string | null },
  act: Act,
): Promise<SignatureRequest> {
  return take(
    api.POST('/api/v1/signature-requests', {
      params: { header: act.headers },
      body: {
        purpose: input.purpose,
        documents: input.documents.map((d) => ({ document_id: d.id, version: d.version })),
        ...(input.certificateId ? { certificate_id: input.certificateId } : {}),
      },
    }),
  );
}

export const requestKey = (id: string) => ['signature-request', id] as const;

const open = new Set<SignatureRequest['state']>(['prepared', 'waiting']);

/** True while the provider, or the person at it, has not decided. */
export function isOpen(request: Pick<SignatureRequest, 'state'>): boolean {
  return open.has(request.state);
}

/** One request for signatures; read again every two seconds while it waits. */
export function requestQuery(id: string) {
  return queryOptions({
    queryKey: requestKey(id),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/signature-requests/{request_id}', { params: { path: { request_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data && !isOpen(query.state.data) ? false : 2000),
  });
}

/** Gives a request up; its documents are free again. */
export function cancelRequest(id: string, act: Act) {
  return take(
    api.POST('/api/v1/signature-requests/{request_id}/cancel', {
      params: { path: { request_id: id }, header: act.headers },
    }),
  );
}

/** One-time links by which the program of the person's key takes the files and brings them back signed. */
export function agentLinks(id: string) {
  return take(
    api.POST('/api/v1/signature-requests/{request_id}/agent-links', { params: { path: { request_id: id } } }),
  );
}

/** Brings a signed file back by its link, as the program would. */
export async function returnSigned({ url, file }: { url: string; file: File }): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, { method: 'PUT', body: file, headers: { 'Accept-Language': apiLanguage() } });
  } catch {
    throw new ApiError({}, 0);
  }
  if (!response.ok) throw await problemOf(response);
}
