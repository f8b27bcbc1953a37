import { expect, test, vi } from 'vitest';
import { ApiError } from '../api/problem';
import { makeQueryClient } from './queryClient';

test('a session that ended is told, other refusals are not', async () => {
  const signedOut = vi.fn();
  const client = makeQueryClient(signedOut);
  const fail = (code: string, status: number) =>
    client.fetchQuery({ queryKey: [code], queryFn: () => Promise.reject(new ApiError({ code }, status)) });
  await expect(fail('forbidden', 403)).rejects.toBeInstanceOf(ApiError);
  expect(signedOut).not.toHaveBeenCalled();
  await expect(fail('unauthenticated', 401)).rejects.toBeInstanceOf(ApiError);
  expect(signedOut).toHaveBeenCalledTimes(1);
});
