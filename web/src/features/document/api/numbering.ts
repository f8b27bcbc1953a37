import { queryOptions } from '@tanstack/react-query';
import { api, ifMatch, take } from '../../../api/client';
import type { Act } from '../../../api/useCommand';
import { documentKey } from './documents';

/** The next number of the document's series, and today. Somebody else may take it meanwhile. */
export function suggestionQuery(id: string) {
  return queryOptions({
    queryKey: [...documentKey(id), 'number-suggestion'],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/documents/{document_id}/number-suggestion', { params: { path: { document_id: id } }, signal }),
      ),
    staleTime: 0,
  });
}

/** Gives a signed document its number and date of issue. */
export function numberDocument(
  { id, version, number, issuedOn }: { id: string; version: number; number: string; issuedOn: string },
  act: Act,
) {
  return take(
    api.POST('/api/v1/documents/{document_id}/number', {
      params: { path: { document_id: id }, header: { ...act.headers, ...ifMatch(version) } },
      body: { number, issued_on: issuedOn },
    }),
  );
}
