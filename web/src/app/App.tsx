import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { live } from '../live/live';
import { meKey } from '../session/me';
import { makeQueryClient } from './queryClient';
import { makeRouter } from './router';
import { theme } from './theme';

const queryClient = makeQueryClient(() => {
  // Nobody was signed in: the routes lead to the sign-in by themselves, and a wrong password answers the same way.
  if (!queryClient.getQueryData(meKey)) return;
  live.stop();
  queryClient.removeQueries({ queryKey: meKey });
  void router.invalidate();
});
const router = makeRouter(queryClient);
const schemes = localStorageColorSchemeManager({ key: 'nghisu.scheme' });

/** The whole application. Mantine writes no style elements: its variables are in theme.css. */
export function App(): ReactElement {
  return (
    <MantineProvider
      theme={theme}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
