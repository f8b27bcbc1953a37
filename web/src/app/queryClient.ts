import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/problem';
import { meKey } from '../session/me';

/** Makes the cache of what the server said. Only lost answers are asked again; refusals are final. */
export function makeQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        const ended = error instanceof ApiError && error.code === 'unauthenticated';
        if (ended && query.queryKey[0] !== meKey[0]) void client.invalidateQueries({ queryKey: meKey });
      },
    }),
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
  return client;
}
