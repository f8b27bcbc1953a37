import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/problem';

/**
 * Makes the cache of what the server said. Only lost answers are asked again; refusals are final.
 * `onSignedOut` is called when the server no longer knows the session.
 */
export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const listen = (error: unknown) => {
    if (error instanceof ApiError && error.code === 'unauthenticated') onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: listen }),
    mutationCache: new MutationCache({ onError: listen }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 1 && error instanceof ApiError && error.isTransient,
      },
      mutations: { retry: false },
    },
  });
}
