import type { AccountRegion } from '../records/ledger.ts';
import type { Limits } from '../services/admission.ts';
import type { Issuer } from '../services/authenticate.ts';
import type { AllowedDestination } from '../services/destinations.ts';
import type { ExportRole } from '../services/export-roles.ts';
import type { Quota } from '../services/quotas.ts';
import { readAccounts } from './configured-accounts.ts';
import { readDestinations } from './configured-destinations.ts';
import { readIssuers } from './configured-issuers.ts';
import { readQuotas } from './configured-quotas.ts';
import { readRoles } from './configured-roles.ts';
import { introspectionOf, misconfigured, required } from './environment.ts';

/** What the functions are configured with, by environment variables that `serverless.yml` sets. */
export interface Configuration {
  /** `OUTPORT_TABLE`: name of the records table. */
  readonly tableName: string;
  /** `OUTPORT_ISSUERS`: whose tokens are accepted: see `readIssuers`. Empty: nobody is let in. */
  readonly issuers: readonly Issuer[];
  /** `OUTPORT_EXPORT_ROLE`, `OUTPORT_EXTERNAL_ID`, `OUTPORT_EXPORT_ROLES`: the roles that Outport assumes: see `readRoles`. */
  readonly roles: readonly ExportRole[];
  /** `OUTPORT_DESTINATIONS`: where exports may be written: see `readDestinations`. */
  readonly destinations: readonly AllowedDestination[];
  /** `OUTPORT_ACCOUNTS`: what portals offer before anything has been exported from there: see `readAccounts`. */
  readonly accounts: readonly AccountRegion[];
  /** `OUTPORT_MAX_EXPORTS` and `OUTPORT_MAX_BYTES`; DynamoDB's own quotas unless they are set (facts: 300 and 100 TB). */
  readonly limits: Limits;
  /** `OUTPORT_QUOTAS`: what a team or a person may have of those limits; none unless it is set. */
  readonly quotas: readonly Quota[];
  /** `OUTPORT_MAX_QUEUED`: how many exports of a team may wait in an account and Region, 10,000 at most; 1,000 unless it is set. */
  readonly maxQueued: number;
  /** `OUTPORT_REQUESTS_PER_MINUTE`: how many requests one person may send; 3,000 unless it is set. */
  readonly requestsPerMinute: number;
  /** `OUTPORT_INTROSPECTION`: whether the schema may be asked for over the API; off unless `true`. */
  readonly introspection: boolean;
  /** `OUTPORT_METRICS_NAMESPACE`: what CloudWatch keeps our metrics under; `Outport` unless it is set. */
  readonly metricsNamespace: string;
}

const MAX_EXPORTS = 300;
const MAX_BYTES = 100 * 1024 ** 4;
const MAX_QUEUED = 1_000;
/** Their tickets are one item, which DynamoDB lets have 400 KB. */
const MAX_QUEUED_MAX = 10_000;
const REQUESTS_PER_MINUTE = 3_000;

/**
 * Reads and checks everything at once, before anything else happens: a mistake fails the start, not a request.
 * @throws Error naming the variable and what it should be
 */
export function readConfiguration(env: NodeJS.ProcessEnv): Configuration {
  return {
    tableName: required(env, 'OUTPORT_TABLE'),
    issuers: readIssuers(required(env, 'OUTPORT_ISSUERS')),
    roles: readRoles(env),
    destinations: readDestinations(env.OUTPORT_DESTINATIONS),
    accounts: readAccounts(env.OUTPORT_ACCOUNTS),
    limits: {
      maxExports: wholeNumber(env, 'OUTPORT_MAX_EXPORTS', MAX_EXPORTS),
      maxBytes: wholeNumber(env, 'OUTPORT_MAX_BYTES', MAX_BYTES),
    },
    quotas: readQuotas(env),
    maxQueued: wholeNumber(env, 'OUTPORT_MAX_QUEUED', MAX_QUEUED, MAX_QUEUED_MAX),
    requestsPerMinute: wholeNumber(env, 'OUTPORT_REQUESTS_PER_MINUTE', REQUESTS_PER_MINUTE),
    introspection: introspectionOf(env),
    metricsNamespace: env.OUTPORT_METRICS_NAMESPACE || 'Outport',
  };
}

function wholeNumber(
  env: NodeJS.ProcessEnv,
  variable: string,
  fallback: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  const text = env[variable];
  if (!text) return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw misconfigured(variable, 'must be a whole number of at least 1');
  if (value > max) throw misconfigured(variable, `must be ${max} at most`);
  return value;
}
