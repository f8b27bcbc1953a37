import { useQueryClient } from '@tanstack/react-query';
import { useCommand } from '../../../api/useCommand';
import type { Recheck } from '../../../shared/verdict/VerdictList';
import { deliveryVerdictQuery, recheckDelivery } from '../api/deliveries';

/** Judges the signatures of an incoming document again. */
export function useRecheck(id: string): Recheck {
  const client = useQueryClient();
  const { mutate, isPending, error } = useCommand({
    run: recheckDelivery,
    onDone: (verdict) => client.setQueryData(deliveryVerdictQuery(id).queryKey, verdict),
  });
  return { mutate: () => mutate(id), isPending, error };
}
