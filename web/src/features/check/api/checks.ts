import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import type { Act } from '../../../api/useCommand';

export type SignatureCheck = components['schemas']['SignatureCheck'];

export const checksKey = ['signature-checks'] as const;
export const checkKey = (id: string) => ['signature-check', id] as const;

/** Files that the person had checked, newest first. */
export const checksQuery = infiniteQueryOptions({
  queryKey: checksKey,
  queryFn: ({ pageParam, signal }) =>
    take(
      api.GET('/api/v1/signature-checks', {
        params: { query: { limit: 50, ...(pageParam ? { after: pageParam } : {}) } },
        signal,
      }),
    ),
  initialPageParam: '',
  getNextPageParam: (last) => last.next || undefined,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.items.some((check) => !check.checked_at)) ? 2000 : false,
});

export function checkQuery(id: string) {
  return queryOptions({
    queryKey: checkKey(id),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/signature-checks/{check_id}', { params: { path: { check_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data && !query.state.data.checked_at ? 2000 : false),
  });
}

export const checkFileUrl = (id: string) => `/api/v1/signature-checks/${id}/file`;
export const checkReportUrl = (id: string) => `/api/v1/signature-checks/${id}/report`;

/** Has a finished upload checked. */
export function addCheck(uploadId: string, act: Act) {
  return take(api.POST('/api/v1/signature-checks', { params: { header: act.headers }, body: { upload_id: uploadId } }));
}

/** Judges the file again, with what is known now. */
export function rerunCheck(id: string, act: Act) {
  return take(
    api.POST('/api/v1/signature-checks/{check_id}/rerun', {
      params: { path: { check_id: id }, header: act.headers },
    }),
  );
}

/** Forgets the file and what was found out about it. */
export function deleteCheck(id: string) {
  return take(api.DELETE('/api/v1/signature-checks/{check_id}', { params: { path: { check_id: id } } }));
}
