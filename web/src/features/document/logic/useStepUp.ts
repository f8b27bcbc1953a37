import { useQueryClient } from '@tanstack/react-query';
import { useCommand } from '../../../api/useCommand';
import { useNow } from '../../../lib/useNow';
import { type Me, meKey, useMe } from '../../../session/me';
import { stepUp } from '../api/signing';

/** A proof that ends in this many milliseconds is asked for again: the act must still reach the server. */
const margin = 10_000;

/** Whether the person proved with the password a short while ago that it is them. */
export interface StepUp {
  /** The moment until which the proof holds; null when the password is needed. */
  until: string | null;
  confirm: (password: string) => Promise<unknown>;
  /** The server says that the proof does not hold. */
  forget: () => void;
  pending: boolean;
  error: unknown;
}

/** The proof by password; the server keeps it with the session for some minutes. */
export function useStepUp(): StepUp {
  const client = useQueryClient();
  const known = useMe()?.stepped_up_until;
  const now = useNow(5000);
  const keep = (until: string | null) =>
    client.setQueryData<Me>(meKey, (me) => (me ? { ...me, stepped_up_until: until } : me));
  const command = useCommand({ run: stepUp, onDone: (proof) => keep(proof.until) });
  return {
    until: known && Date.parse(known) - now.getTime() > margin ? known : null,
    confirm: command.mutateAsync,
    forget: () => keep(null),
    pending: command.isPending,
    error: command.error,
  };
}
