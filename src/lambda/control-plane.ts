import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { GraphQLSchema } from 'graphql';
import type { RecordsTable } from '../records/table.ts';
import type { RequestContext } from '../resolvers/request-context.ts';
import { createSchema } from '../resolvers/schema.ts';
import { createAccounts } from '../services/accounts.ts';
import { createAuthenticate, Unauthenticated } from '../services/authenticate.ts';
import { BOUNDED_CALLS } from '../services/bounded-calls.ts';
import type { Outport } from '../services/outport.ts';
import { createPermit } from '../services/permit.ts';
import type { Principal, RequestOrigin } from '../services/principal.ts';
import { RefusedRequests } from '../services/refused-requests.ts';
import { RequestRate } from '../services/request-rate.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { countRefusals } from './count-refusals.ts';
import { createMetrics, type Metrics } from './metrics.ts';

/** What the functions share: made once, when a process starts. */
export interface ControlPlane {
  readonly configuration: Configuration;
  readonly schema: GraphQLSchema;
  readonly outport: Outport;
  readonly metrics: Metrics;
  /** The records table and the client that reads and writes it. */
  readonly records: RecordsTable;
  /**
   * Verifies the token of a request. That it is refused is in the audit, within bounds.
   * @throws Unauthenticated for every fault of the token, IssuerUnavailable where only the issuer could tell; any other
   * error is a failure of ours
   */
  authenticate(bearerToken: string | undefined, origin: RequestOrigin): Promise<Principal>;
  /**
   * Counts a request of a person. That it is refused is in the audit, within bounds.
   * @returns null when it may go on; else the seconds until its person may send more
   */
  countRequest(principal: Principal, origin: RequestOrigin): Promise<number | null>;
  /** What resolvers are run with, for somebody who has been authenticated. */
  contextFor(principal: Principal, origin: RequestOrigin): RequestContext;
}

/** Beside the function's bundle in Lambda and in `build/`. */
const POLICIES_DIRECTORY = path.join(path.dirname(fileURLToPath(import.meta.url)), 'policies');

/**
 * Wires the control plane from its configuration.
 * @param policies the folder of the Cedar schema and policies
 * @throws Error when the configuration or a policy is wrong, naming it
 */
export function createControlPlane(env: NodeJS.ProcessEnv, policies = POLICIES_DIRECTORY): ControlPlane {
  const configuration = readConfiguration(env);
  const now = () => new Date();
  const records: RecordsTable = {
    // Attributes of ours are null when there is nothing to say, never undefined, but optional ones may be left out.
    client: DynamoDBDocumentClient.from(new DynamoDBClient(BOUNDED_CALLS), {
      marshallOptions: { removeUndefinedValues: true },
    }),
    name: configuration.tableName,
  };
  const verifyToken = createAuthenticate(configuration.issuers, records);
  const outport: Outport = {
    table: records,
    accounts: createAccounts(configuration.roles, configuration.destinations),
    permit: createPermit(policies),
    destinations: configuration.destinations,
    configuredAccounts: configuration.accounts,
    limits: configuration.limits,
    quotas: configuration.quotas,
    maxQueued: configuration.maxQueued,
    requestsPerMinute: configuration.requestsPerMinute,
    now,
    newId: randomUUID,
  };
  const refusedRequests = new RefusedRequests(outport);
  const requestRate = new RequestRate(outport);
  const metrics = createMetrics(configuration.metricsNamespace, now);
  const schema = createSchema();
  countRefusals(schema, metrics);
  return {
    configuration,
    schema,
    outport,
    metrics,
    records,
    async authenticate(bearerToken, origin) {
      try {
        return await verifyToken(bearerToken, now());
      } catch (error) {
        if (error instanceof Unauthenticated) {
          const { code, message } = error;
          await refusedRequests.record({ code, message, person: null }, origin);
        }
        throw error;
      }
    },
    async countRequest(principal, origin) {
      const seconds = await requestRate.secondsUntilAllowed(principal);
      if (seconds !== null) {
        const message = `More than ${outport.requestsPerMinute} requests within a minute.`;
        await refusedRequests.record({ code: 'RATE_LIMITED', message, person: principal }, origin);
      }
      return seconds;
    },
    contextFor: (principal, origin) => ({ principal, origin, outport }),
  };
}
