import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { createOutportClient, NotAuthenticatedError, type OutportClient } from '../../src/client/index.ts';
import { signOut } from '../session/session.ts';
import { useConnection, watchedFetch } from './connection.ts';

/** What the console is told by whoever serves it. */
export interface ConsoleConfiguration {
  /** Undefined when it could not be learned: exports are followed by asking then. */
  readonly websocketUrl?: string;
}

/** Answers are shown for this long before they are asked for anew when a page is come back to. */
const FRESH_FOR_MS = 5_000;

const OutportContext = createContext<OutportClient | null>(null);

/** The client of whoever is signed in. */
export function useOutport(): OutportClient {
  const outport = useContext(OutportContext);
  if (!outport) throw new Error('useOutport is for what is inside of OutportProvider');
  return outport;
}

interface OutportProviderProps {
  readonly token: string;
  readonly configuration: ConsoleConfiguration;
  readonly children: ReactNode;
}

/** Gives pages a client and a cache of their person's own: mount it anew (`key`) for another token. */
export function OutportProvider({ token, configuration, children }: OutportProviderProps) {
  const [outport] = useState(() =>
    createOutportClient({
      url: `${location.origin}/graphql`,
      webSocketUrl: configuration.websocketUrl,
      token,
      fetch: watchedFetch,
    }),
  );
  const [queryClient] = useState(createQueryClient);
  const { epoch } = useConnection();

  useEffect(() => () => outport.close(), [outport]);
  useEffect(() => {
    if (epoch > 0) void queryClient.invalidateQueries();
  }, [epoch, queryClient]);

  return (
    <OutportContext value={outport}>
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    </OutportContext>
  );
}

function createQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof NotAuthenticatedError) signOut('REFUSED');
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // The client repeats what may be repeated, and `useConnection` knows what the browser's own notion of a network does not.
      queries: { retry: false, networkMode: 'always', staleTime: FRESH_FOR_MS },
      mutations: { networkMode: 'always' },
    },
  });
}
