import { useQueryClient } from '@tanstack/react-query';
import { useCommand } from '../../../api/useCommand';
import type { Recheck } from '../../../shared/verdict/VerdictList';
import { documentVerdictQuery, recheckDocument } from '../api/documents';

/** Judges the signatures of an own document again. */
export function useRecheck(id: string): Recheck {
  const client = useQueryClient();
  const { mutate, isPending, error } = useCommand({
    run: recheckDocument,
    onDone: (verdict) => client.setQueryData(documentVerdictQuery(id).queryKey, verdict),
  });
  return { mutate: () => mutate(id), isPending, error };
}
