import { queryOptions } from '@tanstack/react-query';
import { api, ifMatch, take } from '../../../api/client';
import type { components } from '../../../api/schema';
import type { Place } from '../logic/layout';
import { documentKey } from './documents';

export type DocumentLayout = components['schemas']['DocumentLayout'];

/** Pages of the main file, and where signature, number, date and seal will stand on them. */
export function layoutQuery(id: string) {
  return queryOptions({
    queryKey: [...documentKey(id), 'layout'],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/documents/{document_id}/layout', { params: { path: { document_id: id } }, signal })),
  });
}

interface Input {
  id: string;
  version: number;
  fields: readonly (Place & { kind: DocumentLayout['fields'][number]['kind'] })[];
}

/** Keeps the places that a person chose. */
export function saveLayout({ id, version, fields }: Input) {
  return take(
    api.PUT('/api/v1/documents/{document_id}/layout', {
      params: { path: { document_id: id }, header: ifMatch(version) },
      body: {
        fields: fields.map(({ kind, page, x, y, width, height }) => ({ kind, page, x, y, width, height })),
      },
    }),
  );
}
