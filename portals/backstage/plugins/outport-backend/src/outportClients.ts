import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import { createOutportClient, type OutportClient } from 'outport/client';
import { clientCredentialsToken } from './clientCredentials';
import type { OutportConfig } from './outportConfig';

/** Whoever may call the plugin. */
export type Caller = BackstageCredentials<BackstageUserPrincipal | BackstageServicePrincipal>;

/** Clients of one Outport. All of them are the same person to it: whoever the token is of. */
export interface OutportClients {
  /** Says in the audit, as the user agent, which user or service of Backstage asked. */
  askedBy(caller: Caller): OutportClient;
  /** Follows exports, for all callers over one connection. */
  readonly follower: OutportClient;
}

export function createOutportClients({ url, webSocketUrl, auth }: OutportConfig): OutportClients {
  const token = 'token' in auth ? auth.token : clientCredentialsToken(auth.clientCredentials);
  return {
    askedBy: ({ principal }) => {
      const name = principal.type === 'user' ? principal.userEntityRef : principal.subject;
      // What a header may not contain is escaped.
      return createOutportClient({ url, token, headers: { 'user-agent': `Backstage (${encodeURI(name)})` } });
    },
    follower: createOutportClient({ url, webSocketUrl, token }),
  };
}
