import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DEFAULT_ACCOUNT_ID } from './aws/accounts.ts';
import { openDataPlane } from './data-plane.ts';
import type { StartEnvironment } from './host/function-runtime.ts';
import { Gateway } from './host/gateway.ts';
import { DevelopmentIssuer, TOKEN_AUDIENCE, type TokenClaims } from './host/issuer.ts';
import { readServiceDefinition } from './host/service-definition.ts';
import { hostService, LOCAL_STAGE } from './host/service-host.ts';

/** The account that Outport itself is deployed to, apart from those whose tables it exports. */
const PLATFORM_ACCOUNT_ID = '999999999999';

// This file is two folders below the project, as a source (src/local) and in its bundle (build/cli).
const projectRoot = fileURLToPath(new URL('../../', import.meta.url));
const bundled = (name: string) => path.join(projectRoot, 'build/cli', `${name}.mjs`);

export interface OutportOptions {
  /** The data folder: everything that survives a restart. One process at a time. */
  readonly directory: string;
  /** Port of the GraphQL API; 0 takes a free one. */
  readonly port: number;
  /** Port of the AWS endpoint; 0 takes a free one. */
  readonly awsPort: number;
  /** Refuse AWS calls whose signature does not fit the secret `outport`. */
  readonly verifySignatures: boolean;
  /** A JSON list of what goes wrong with some calls of AWS, for tests. */
  readonly faultsFile?: string | undefined;
  /** Lets webhooks be at `http://127.0.0.1`, for tests. */
  readonly allowLocalWebhooks?: boolean;
  /** Parameters of `serverless.yml` that are to differ from its defaults. */
  readonly params: Readonly<Record<string, string>>;
  /** Runs the functions elsewhere than in threads of this process: unpacked, as they are deployed. */
  readonly startEnvironment?: StartEnvironment | undefined;
}

/** There is no such parameter in `serverless.yml`. */
export class UnknownParameterError extends Error {
  override readonly name = 'UnknownParameterError';
}

export interface Outport {
  readonly graphqlUrl: string;
  readonly websocketUrl: string;
  readonly awsEndpoint: string;
  /** The issuer whose tokens the API takes, at the same port. */
  readonly issuer: string;
  /** Mints a token of the development issuer. */
  token(claims: TokenClaims): Promise<string>;
  /** Finishes or gives up what is under way, closes every connection and the store. */
  close(): Promise<void>;
}

/**
 * Starts all of Outport on one machine: the data plane, and the deployed functions behind the APIs and triggers that
 * `serverless.yml` gives them. Rejects with `EADDRINUSE` when a port is taken, and with the store's error when the
 * folder is in use; whatever had been started is stopped again.
 */
export async function startOutport(options: OutportOptions): Promise<Outport> {
  const directory = path.resolve(options.directory);
  const definition = readServiceDefinition(path.join(projectRoot, 'serverless.yml'));
  for (const name of Object.keys(options.params)) {
    if (definition.params[name] === undefined) {
      const known = Object.keys(definition.params).join(', ');
      throw new UnknownParameterError(`serverless.yml has no parameter "${name}", only ${known}.`);
    }
  }
  const closing: Array<() => Promise<void>> = [];
  const close = async () => {
    for (let next = closing.pop(); next; next = closing.pop()) await next();
  };
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const dataPlane = await openDataPlane({
      directory,
      port: options.awsPort,
      verifySignatures: options.verifySignatures,
      faultsFile: options.faultsFile,
      workerFile: bundled('export-worker'),
      now: Date.now,
    });
    closing.push(() => dataPlane.close());
    const gateway = await Gateway.listen(options.port);
    closing.push(() => gateway.close());
    const issuer = await DevelopmentIssuer.open(
      path.join(directory, 'issuer-key.pem'),
      `http://${gateway.host}/issuer`,
    );
    const dynamodb = new DynamoDBClient({
      region: definition.region,
      endpoint: dataPlane.endpoint,
      credentials: { accessKeyId: PLATFORM_ACCOUNT_ID, secretAccessKey: 'outport' },
    });
    closing.push(async () => dynamodb.destroy());
    const service = await hostService({
      definition,
      root: projectRoot,
      workerFile: bundled('function-worker'),
      logDirectory: path.join(directory, 'logs'),
      gateway,
      issuer,
      accountId: PLATFORM_ACCOUNT_ID,
      awsEndpoint: dataPlane.endpoint,
      dynamodb,
      streams: dataPlane.streams,
      checkpoints: dataPlane.database.sublevel('host'),
      params: {
        issuers: JSON.stringify([{ issuer: issuer.url, audience: TOKEN_AUDIENCE }]),
        accounts: JSON.stringify([{ account: DEFAULT_ACCOUNT_ID, regions: [definition.region] }]),
        introspection: 'true',
        ...options.params,
      },
      testAids: options.allowLocalWebhooks ? { OUTPORT_ALLOW_LOCAL_WEBHOOKS: 'true' } : {},
      startEnvironment: options.startEnvironment,
    });
    closing.push(() => service.close());
    return {
      graphqlUrl: `http://${gateway.host}/graphql`,
      websocketUrl: `ws://${gateway.host}/${LOCAL_STAGE}`,
      awsEndpoint: dataPlane.endpoint,
      issuer: issuer.url,
      token: (claims) => issuer.mint(claims),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
