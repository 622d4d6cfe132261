import type { Config } from '@backstage/config';
import type { ClientCredentials } from './clientCredentials';

/** The section `outport` of the app-config, as `config.d.ts` describes it. */
export interface OutportConfig {
  readonly url: string;
  readonly webSocketUrl: string | undefined;
  readonly auth: { readonly token: string } | { readonly clientCredentials: ClientCredentials };
}

/** @throws when something is missing or too much, which fails the start */
export function readOutportConfig(rootConfig: Config): OutportConfig {
  const config = rootConfig.getConfig('outport');
  const token = config.getOptionalString('auth.token');
  const client = config.getOptionalConfig('auth.clientCredentials');
  const connection = { url: config.getString('url'), webSocketUrl: config.getOptionalString('webSocketUrl') };
  if (token !== undefined && !client) return { ...connection, auth: { token } };
  if (client && token === undefined) return { ...connection, auth: { clientCredentials: readClient(client) } };
  throw new Error('Configure outport.auth.token or outport.auth.clientCredentials: exactly one of them.');
}

const readClient = (client: Config): ClientCredentials => ({
  tokenUrl: client.getString('tokenUrl'),
  clientId: client.getString('clientId'),
  clientSecret: client.getString('clientSecret'),
  scope: client.getOptionalString('scope'),
  audience: client.getOptionalString('audience'),
});
