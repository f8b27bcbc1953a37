import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useCommand } from '../../../api/useCommand';
import {
  documentKey,
  documentsKey,
  type OfficialDocument,
  type ReasonStep,
  type Step,
  takeBack,
  takeStep,
} from '../api/documents';

/** What a dialog asks about; sealing asks more than the other steps. */
type Asking = Step | ReasonStep | 'seal';

/** What the person is doing with the document: which dialog is open, and how the act stands. */
export interface Steps {
  asking: Asking | null;
  ask: (step: Asking) => void;
  close: () => void;
  take: (step: Step) => void;
  giveBack: (step: ReasonStep, reason: string) => void;
  pending: boolean;
  error: unknown;
}

export function useSteps(document: OfficialDocument): Steps {
  const client = useQueryClient();
  const [asking, setAsking] = useState<Asking | null>(null);
  const { id, version } = document;
  const options = {
    touches: () => [documentKey(id), documentsKey, ['work']],
    onDone: (changed: OfficialDocument) => {
      client.setQueryData(documentKey(id), changed);
      setAsking(null);
    },
  };
  const step = useCommand({ run: takeStep, ...options });
  const back = useCommand({ run: takeBack, ...options });
  return {
    asking,
    ask: (next) => {
      step.reset();
      back.reset();
      setAsking(next);
    },
    close: () => setAsking(null),
    take: (next) => step.mutate({ id, version, step: next }),
    giveBack: (next, reason) => back.mutate({ id, version, step: next, reason }),
    pending: step.isPending || back.isPending,
    error: step.error ?? back.error,
  };
}
