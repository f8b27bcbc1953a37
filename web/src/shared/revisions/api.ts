import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client';
import type { components } from '../../api/schema';

export type Revision = components['schemas']['PDFRevision'];
export type Comparison = components['schemas']['PDFComparison'];
export type Area = components['schemas']['Area'];

/** A file whose saved states can be looked at: of an own document, of one that arrived, or one that was only checked. */
export interface RevisionSource {
  of: 'document' | 'delivery' | 'check';
  id: string;
  /** Empty for a check, which has one file. */
  fileId: string;
}

const keyOf = (source: RevisionSource) => [source.of, source.id, 'revisions', source.fileId] as const;

function baseOf({ of, id, fileId }: RevisionSource): string {
  if (of === 'check') return `/api/v1/signature-checks/${id}/pdf-revisions`;
  return `/api/v1/${of === 'document' ? 'documents' : 'deliveries'}/${id}/files/${fileId}/pdf-revisions`;
}

/** All states the file went through, oldest first. */
export function revisionsQuery(source: RevisionSource) {
  return queryOptions({ queryKey: keyOf(source), queryFn: ({ signal }) => readRevisions(source, signal) });
}

function readRevisions({ of, id, fileId }: RevisionSource, signal: AbortSignal) {
  switch (of) {
    case 'document': {
      const path = { document_id: id, file_id: fileId };
      return take(
        api.GET('/api/v1/documents/{document_id}/files/{file_id}/pdf-revisions', { params: { path }, signal }),
      );
    }
    case 'delivery': {
      const path = { delivery_id: id, file_id: fileId };
      return take(
        api.GET('/api/v1/deliveries/{delivery_id}/files/{file_id}/pdf-revisions', { params: { path }, signal }),
      );
    }
    case 'check':
      return take(
        api.GET('/api/v1/signature-checks/{check_id}/pdf-revisions', { params: { path: { check_id: id } }, signal }),
      );
  }
}

/** What looks different between two states, page by page. */
export function comparisonQuery(source: RevisionSource, a: number, b: number) {
  return queryOptions({
    queryKey: [...keyOf(source), a, b],
    queryFn: ({ signal }) => compare(source, { a, b }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function compare({ of, id, fileId }: RevisionSource, pair: { a: number; b: number }, signal: AbortSignal) {
  switch (of) {
    case 'document': {
      const path = { document_id: id, file_id: fileId, ...pair };
      return take(
        api.GET('/api/v1/documents/{document_id}/files/{file_id}/pdf-revisions/{a}/compare/{b}', {
          params: { path },
          signal,
        }),
      );
    }
    case 'delivery': {
      const path = { delivery_id: id, file_id: fileId, ...pair };
      return take(
        api.GET('/api/v1/deliveries/{delivery_id}/files/{file_id}/pdf-revisions/{a}/compare/{b}', {
          params: { path },
          signal,
        }),
      );
    }
    case 'check': {
      const path = { check_id: id, ...pair };
      return take(
        api.GET('/api/v1/signature-checks/{check_id}/pdf-revisions/{a}/compare/{b}', { params: { path }, signal }),
      );
    }
  }
}

/** Address of the file as it was in this state. */
export const revisionUrl = (source: RevisionSource, n: number) => `${baseOf(source)}/${n}/file`;

/** Address of the picture of a page in this state. */
export const pictureUrl = (source: RevisionSource, n: number, page: number) =>
  `${baseOf(source)}/${n}/pages/${page}?dpi=110`;
