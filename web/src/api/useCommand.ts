import { type QueryKey, type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { newKey } from './key';
import { ApiError } from './problem';

/** What a command gets beside its input: `key` must be sent as header Idempotency-Key. */
export interface Act {
  key: string;
  headers: { 'Idempotency-Key': string };
}

interface Options<Input, Result> {
  run: (input: Input, act: Act) => Promise<Result>;
  /** Query keys that this act makes old. */
  touches?: (input: Input, result: Result) => QueryKey[];
  onDone?: (result: Result, input: Input) => void;
}

/**
 * One act of the user: the Idempotency-Key is made at the press and stays the same when the user
 * presses again after an answer got lost, so the act happens once. A definite answer ends the act.
 */
export function useCommand<Input, Result>(options: Options<Input, Result>): UseMutationResult<Result, Error, Input> {
  const client = useQueryClient();
  const pending = useRef<{ key: string; input: string } | null>(null);
  return useMutation<Result, Error, Input>({
    mutationFn: async (input) => {
      const fingerprint = JSON.stringify(input) ?? '';
      if (pending.current?.input !== fingerprint) pending.current = { key: newKey(), input: fingerprint };
      const { key } = pending.current;
      try {
        const result = await options.run(input, { key, headers: { 'Idempotency-Key': key } });
        pending.current = null;
        return result;
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isTransient) pending.current = null;
        throw error;
      }
    },
    onSuccess: async (result, input) => {
      const keys = options.touches?.(input, result) ?? [];
      options.onDone?.(result, input);
      await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
}
