import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import type { Act } from '../../../api/useCommand';

export type TrustAnchor = components['schemas']['TrustAnchor'];
export type TrustList = TrustAnchor['list'];

/** The lists of authorities, in the order in which they are told. */
export const trustLists: readonly TrustList[] = ['public_service', 'public', 'tsa'];

export const trustKey = ['trust-anchors'] as const;

export const trustQuery = queryOptions({
  queryKey: trustKey,
  queryFn: ({ signal }) => take(api.GET('/api/v1/trust-anchors', { signal })),
});

/** Trusts an authority from now on. */
export function addAnchor({ list, certificate }: { list: TrustList; certificate: string }, act: Act) {
  return take(api.POST('/api/v1/trust-anchors', { params: { header: act.headers }, body: { list, certificate } }));
}

/** Trusts an authority no longer. */
export function removeAnchor(id: string) {
  return take(api.DELETE('/api/v1/trust-anchors/{anchor_id}', { params: { path: { anchor_id: id } } }));
}
