import { useCallback, useState } from 'react';
import type { Delivery } from '../api/deliveries';
import { useDecide } from './useDecide';

/** Accepting or refusing the open document, shared by the panel, the bar on phones and the keys. */
export interface Decision {
  accept: (delivery: Delivery) => void;
  refuse: (delivery: Delivery, reason: string) => void;
  /** The refusal dialog is open for this document. */
  refusing: Delivery | null;
  askReason: (delivery: Delivery) => void;
  stopAsking: () => void;
  pending: boolean;
  /** Failure of the last decision on this document. */
  errorOf: (id: string) => unknown;
  refuseError: unknown;
  show: (delivery: Delivery) => void;
}

export function useDecision(): Decision {
  const { accept, refuse, show } = useDecide();
  const [refusing, setRefusing] = useState<Delivery | null>(null);
  const stopAsking = useCallback(() => setRefusing(null), []);
  return {
    accept: (delivery) => {
      if (!accept.isPending) accept.mutate({ id: delivery.id, version: delivery.version });
    },
    refuse: (delivery, reason) =>
      refuse.mutate({ id: delivery.id, version: delivery.version, reason }, { onSuccess: stopAsking }),
    refusing,
    askReason: (delivery) => {
      refuse.reset();
      setRefusing(delivery);
    },
    stopAsking,
    pending: accept.isPending || refuse.isPending,
    errorOf: (id) => (accept.variables?.id === id ? accept.error : null),
    refuseError: refuse.error,
    show,
  };
}
