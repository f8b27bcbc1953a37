import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client';
import type { components } from '../../api/schema';

export type Revision = components['schemas']['PDFRevision'];
export type Comparison = components['schemas']['PDFComparison'];
export type Area = components['schemas']['Area'];

/** A file whose saved states can be looked at: of an own document, or of one that arrived. */
export interface RevisionSource {
  of: 'document' | 'delivery';
  id: string;
  fileId: string;
}

const keyOf = (source: RevisionSource) => [source.of, source.id, 'revisions', source.fileId] as const;

function baseOf({ of, id, fileId }: RevisionSource): string {
  return `/api/v1/${of === 'document' ? 'documents' : 'deliveries'}/${id}/files/${fileId}/pdf-revisions`;
}

/** All states the file went through, oldest first. */
export function revisionsQuery(source: RevisionSource) {
  const { of, id, fileId } = source;
  return queryOptions({
    queryKey: keyOf(source),
    queryFn: ({ signal }) =>
      of === 'document'
        ? take(
            api.GET('/api/v1/documents/{document_id}/files/{file_id}/pdf-revisions', {
              params: { path: { document_id: id, file_id: fileId } },
              signal,
            }),
          )
        : take(
            api.GET('/api/v1/deliveries/{delivery_id}/files/{file_id}/pdf-revisions', {
              params: { path: { delivery_id: id, file_id: fileId } },
              signal,
            }),
          ),
  });
}

/** What looks different between two states, page by page. */
export function comparisonQuery(source: RevisionSource, a: number, b: number) {
  const { of, id, fileId } = source;
  return queryOptions({
    queryKey: [...keyOf(source), a, b],
    queryFn: ({ signal }) =>
      of === 'document'
        ? take(
            api.GET('/api/v1/documents/{document_id}/files/{file_id}/pdf-revisions/{a}/compare/{b}', {
              params: { path: { document_id: id, file_id: fileId, a, b } },
              signal,
            }),
          )
        : take(
            api.GET('/api/v1/deliveries/{delivery_id}/files/{file_id}/pdf-revisions/{a}/compare/{b}', {
              params: { path: { delivery_id: id, file_id: fileId, a, b } },
              signal,
            }),
          ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Address of the file as it was in this state. */
export const revisionUrl = (source: RevisionSource, n: number) => `${baseOf(source)}/${n}/file`;

/** Address of the picture of a page in this state. */
export const pictureUrl = (source: RevisionSource, n: number, page: number) =>
  `${baseOf(source)}/${n}/pages/${page}?dpi=110`;
