import 'graphiql/graphiql.css';
import './graphiql.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws/client';
import { createRoot } from 'react-dom/client';
import { useSession } from '../session/session.ts';

const EXAMPLE = `# The docs are at the left.

{
  viewer {
    name
    teams
    tokenExpiresAt
  }
  exports(first: 10) {
    nodes {
      id
      status
      tableArn
    }
  }
}
`;

const SIGNED_OUT = `# Nobody is signed in. Sign in to the console in
# this tab and come back, or add as a header:
# {"authorization": "Bearer …"}

`;

function Explorer({ websocketUrl }: { readonly websocketUrl: string | undefined }) {
  const { token } = useSession();
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const wsClient = websocketUrl ? createClient({ url: websocketUrl, connectionParams: authorization }) : undefined;
  const fetcher = createGraphiQLFetcher({ url: '/graphql', headers: authorization, ...(wsClient && { wsClient }) });
  // Headers hold tokens, which are not to stay behind in the browser.
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultQuery={token === null ? SIGNED_OUT + EXAMPLE : EXAMPLE}
      shouldPersistHeaders={false}
    />
  );
}

const root = document.getElementById('root');
if (!root) throw new Error('the page has no place for GraphiQL');
const { websocketUrl } = await (await fetch('/config.json')).json();
createRoot(root).render(<Explorer websocketUrl={websocketUrl} />);
