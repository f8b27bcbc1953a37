import type { ReactElement } from 'react';
import { ErrorState } from './ErrorState';
import { SkeletonRows } from './SkeletonRows';

interface Props {
  query: { error: unknown; isPending: boolean; refetch: () => unknown };
  rows?: number;
}

/** What stands in the place of data that is not there: rows on their way, or why it could not be read. */
export function QueryState({ query, rows }: Props): ReactElement {
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <SkeletonRows {...(rows ? { rows } : {})} />;
}
