import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import type { Act } from '../../../api/useCommand';

type Schemas = components['schemas'];
export type SigningKey = Schemas['SigningKey'];
export type KeyToken = Schemas['KeyToken'];

export const keysKey = ['signing-keys'] as const;

/** Signing keys of people and agencies, those that end first on top. */
export function keysQuery(filter: { q: string; ending: boolean }) {
  return infiniteQueryOptions({
    queryKey: [...keysKey, filter],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/api/v1/signing-keys', {
          params: {
            query: {
              limit: 50,
              ...(pageParam ? { after: pageParam } : {}),
              ...(filter.q ? { q: filter.q } : {}),
              ...(filter.ending ? { ending: true } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });
}

/** Tokens that are plugged into the server, and the keys on them. */
export const tokensQuery = queryOptions({
  queryKey: ['signing-keys', 'tokens'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/signing-keys/tokens', { signal })),
});

/** Services for signing elsewhere that this system is set up for. */
export const providersQuery = queryOptions({
  queryKey: ['signing-keys', 'providers'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/signing-keys/providers', { signal })),
});

/** Whom a key belongs to: one person or one agency. */
export type Holder = { person_id: string } | { agency_id: string };

/** What is added, by where its key is. */
export type NewKey =
  | ({ kind: 'pkcs12'; file: string; password: string } & Holder)
  | ({ kind: 'pkcs11'; token: string; key_id: string; certificate?: string } & Holder)
  | ({ kind: 'csc'; provider: string; credential_id: string } & Holder)
  | ({ kind: 'agent'; certificate: string } & Holder);

/** Adds a key or the certificate of one. */
export function addKey(key: NewKey, act: Act): Promise<SigningKey> {
  const params = { header: act.headers };
  switch (key.kind) {
    case 'pkcs12': {
      const { kind, ...body } = key;
      return take(api.POST('/api/v1/signing-keys/pkcs12', { params, body }));
    }
    case 'pkcs11': {
      const { kind, ...body } = key;
      return take(api.POST('/api/v1/signing-keys/pkcs11', { params, body }));
    }
    case 'csc': {
      const { kind, ...body } = key;
      return take(api.POST('/api/v1/signing-keys/csc', { params, body }));
    }
    case 'agent': {
      const { kind, ...body } = key;
      return take(api.POST('/api/v1/signing-keys/agent', { params, body }));
    }
  }
}

/** Ends the use of a key for good; what it signed stays as it is. */
export function disableKey(id: string, act: Act) {
  return take(
    api.POST('/api/v1/signing-keys/{certificate_id}/disable', {
      params: { path: { certificate_id: id }, header: act.headers },
    }),
  );
}
