import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { workQuery } from '../../../shared/work/api';
import { type DocumentSummary, documentsQuery } from '../api/documents';
import { toSign } from './batch';

interface ToSign {
  documents: DocumentSummary[] | undefined;
  error: unknown;
  retry: () => void;
}

/** All documents that wait for the person's signature, in the versions that they have now. */
export function useToSign(): ToSign {
  const work = useQuery(workQuery);
  const list = useInfiniteQuery(documentsQuery('submitted'));
  const ids = work.data?.items.filter((item) => item.kind === 'sign').map((item) => item.object_id);
  const known = list.data?.pages.flatMap((page) => page.items);
  const documents = ids && known && toSign(ids, known);
  const misses = !!documents && documents.length < ids.length && list.hasNextPage;
  const { fetchNextPage, isFetching } = list;
  useEffect(() => {
    if (misses && !isFetching) void fetchNextPage();
  }, [misses, isFetching, fetchNextPage]);
  return {
    documents: misses ? undefined : documents,
    error: work.error ?? list.error,
    retry: () => {
      void work.refetch();
      void list.refetch();
    },
  };
}
