import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { makeQueryClient } from './queryClient';
import { makeRouter } from './router';
import { theme } from './theme';

const queryClient = makeQueryClient();
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
