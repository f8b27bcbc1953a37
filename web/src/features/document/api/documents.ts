import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ifMatch, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import type { Act } from '../../../api/useCommand';

export type OfficialDocument = components['schemas']['Document'];
export type DocumentInput = components['schemas']['DocumentInput'];
export type CopyInput = components['schemas']['CopyInput'];
export type DocumentSummary = components['schemas']['DocumentSummary'];
export type OutgoingDelivery = components['schemas']['OutgoingDelivery'];
export type DocumentState = OfficialDocument['state'];

export const documentsKey = ['documents', 'list'] as const;
export const documentKey = (id: string) => ['document', id] as const;

/** Documents of the own agency, newest first, page after page. */
export function documentsQuery(state: DocumentState | undefined) {
  return infiniteQueryOptions({
    queryKey: [...documentsKey, state ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/documents', {
          params: { query: { limit: 50, ...(pageParam ? { after: pageParam } : {}), ...(state ? { state } : {}) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });
}

export function documentQuery(id: string) {
  return queryOptions({
    queryKey: documentKey(id),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/documents/{document_id}', { params: { path: { document_id: id } }, signal })),
  });
}

export function documentVerdictQuery(id: string) {
  return queryOptions({
    queryKey: [...documentKey(id), 'verdict'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/documents/{document_id}/verdict', { params: { path: { document_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data?.files.some((f) => f.overall === 'checking') ? 2000 : false),
  });
}

/** Judges the signatures of a document again, with what can be found out now. */
export function recheckDocument(id: string) {
  return take(api.POST('/api/v1/documents/{document_id}/verdict/recheck', { params: { path: { document_id: id } } }));
}

export function documentDeliveriesQuery(id: string) {
  return queryOptions({
    queryKey: [...documentKey(id), 'deliveries'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/documents/{document_id}/deliveries', { params: { path: { document_id: id } }, signal })),
  });
}

export const documentTypesQuery = queryOptions({
  queryKey: ['document-types'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/document-types', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Address of a file; the revision makes every signature another address. */
export function documentFileUrl(documentId: string, fileId: string, revision: number): string {
  return `/api/v1/documents/${documentId}/files/${fileId}?revision=${revision}`;
}

/** Prepares a document; with `submit` it goes on to the signer at once. */
export async function createDocument(
  { input, submit }: { input: DocumentInput; submit: boolean },
  act: Act,
): Promise<OfficialDocument> {
  const made = await take(api.POST('/api/v1/documents', { params: { header: act.headers }, body: input }));
  if (!submit) return made;
  return take(
    api.POST('/api/v1/documents/{document_id}/submit', {
      params: {
        path: { document_id: made.id },
        header: { 'Idempotency-Key': `${act.key}-submit`, ...ifMatch(made.version) },
      },
    }),
  );
}

/** Prepares an electronic copy of a scan. */
export function createCopy(body: CopyInput, act: Act): Promise<OfficialDocument> {
  return take(api.POST('/api/v1/copies', { params: { header: act.headers }, body }));
}

/** Changes a draft as a whole. */
export async function changeDocument(
  { id, version, input, submit }: { id: string; version: number; input: DocumentInput; submit: boolean },
  act: Act,
): Promise<OfficialDocument> {
  const changed = await take(
    api.PUT('/api/v1/documents/{document_id}', {
      params: { path: { document_id: id }, header: ifMatch(version) },
      body: input,
    }),
  );
  if (!submit) return changed;
  return take(
    api.POST('/api/v1/documents/{document_id}/submit', {
      params: {
        path: { document_id: id },
        header: { 'Idempotency-Key': `${act.key}-submit`, ...ifMatch(changed.version) },
      },
    }),
  );
}

/** Steps that need no further word. */
export type Step = 'submit' | 'send';
/** Steps that need a reason. */
export type ReasonStep = 'return' | 'cancel';

/** Takes a document one step on. */
export function takeStep({ id, version, step }: { id: string; version: number; step: Step }, act: Act) {
  const params = { path: { document_id: id }, header: { ...act.headers, ...ifMatch(version) } };
  return step === 'submit'
    ? take(api.POST('/api/v1/documents/{document_id}/submit', { params }))
    : take(api.POST('/api/v1/documents/{document_id}/send', { params }));
}

/** Gives a document back to its drafter, or gives it up. */
export function takeBack(
  { id, version, step, reason }: { id: string; version: number; step: ReasonStep; reason: string },
  act: Act,
) {
  const options = {
    params: { path: { document_id: id }, header: { ...act.headers, ...ifMatch(version) } },
    body: { reason },
  };
  return step === 'return'
    ? take(api.POST('/api/v1/documents/{document_id}/return', options))
    : take(api.POST('/api/v1/documents/{document_id}/cancel', options));
}

/** Sends again what could not be delivered. */
export function retryDelivery({ id, version }: { id: string; version: number }, act: Act) {
  return take(
    api.POST('/api/v1/deliveries/{delivery_id}/retry', {
      params: { path: { delivery_id: id }, header: { ...act.headers, ...ifMatch(version) } },
    }),
  );
}
