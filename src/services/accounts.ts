import type { CloudTrailClient, CloudTrailClientConfig } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import type { CompletedExport, Destination, Requester } from '../records/export-records.ts';
import type { AccountRegion } from '../records/ledger.ts';
import { BOUNDED_CALLS } from './bounded-calls.ts';
import { type AllowedDestination, actingTeam } from './destinations.ts';
import { type ExportRole, roleFor } from './export-roles.ts';
import { sessionNameOf } from './principal.ts';
import { RecentlyUsed } from './recently-used.ts';
import { exportSessionPolicy, readSessionPolicy, tablesSessionPolicy, watchSessionPolicy } from './session-policy.ts';
import type { TableArn } from './table-arn.ts';

/** Clients that act in a table's account, in one Region, in somebody's name. */
export interface AccountClients {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  /** Loaded on first use: only reconcile asks for it, and only its bundle has it. */
  readonly cloudTrail: () => Promise<CloudTrailClient>;
}

/** Whom a session acts for, and what it is for: it can do nothing else. */
type OnBehalfOf =
  | { readonly to: 'EXPORT'; readonly person: Requester; readonly table: TableArn; readonly destination: Destination }
  | { readonly to: 'SEE_TABLES'; readonly person: Requester }
  | { readonly to: 'READ_DATA'; readonly person: Requester; readonly record: CompletedExport };

/** Gives the clients for an account and Region; `onBehalfOf` null: Outport itself, to look after what is running. */
export type Accounts = (scope: AccountRegion, onBehalfOf: OnBehalfOf | null) => AccountClients;

/** Sets of clients kept for reuse, the least recently used dropped: a set holds sockets and a role's credentials. */
const CLIENT_SETS_MAX = 50;

/**
 * Whoever exports a table must belong to its account (facts §4.2), so Outport assumes a role there. What the role could
 * do for anybody is narrowed to what this session is for, so that IAM decides again, with the bucket and the table in
 * its own hands; and the session carries the person's name, so that CloudTrail shows on whose behalf DynamoDB was called.
 */
export function createAccounts(roles: readonly ExportRole[], destinations: readonly AllowedDestination[]): Accounts {
  const clientSets = new RecentlyUsed<AccountClients>(CLIENT_SETS_MAX);
  const personsSession = (scope: AccountRegion, onBehalfOf: OnBehalfOf): AssumeRoleCommandInput => {
    const { person } = onBehalfOf;
    const team = onBehalfOf.to === 'EXPORT' ? actingTeam(destinations, person, onBehalfOf) : (person.teams[0] ?? null);
    return {
      ...sessionOf(scope, roleFor(roles, scope.account, team), sessionNameOf(person)),
      Policy: policyOf(scope, onBehalfOf),
      ...(team !== null && TAG_VALUE.test(team) && { Tags: [{ Key: 'team', Value: team }] }),
    };
  };
  return (scope, onBehalfOf) => {
    const session = onBehalfOf === null ? watchSession(scope, roles) : personsSession(scope, onBehalfOf);
    const key = JSON.stringify([scope.region, session]);
    const clients = clientSets.get(key) ?? createClients(scope.region, session);
    clientSets.set(key, clients);
    return clients;
  };
}

function watchSession(scope: AccountRegion, roles: readonly ExportRole[]): AssumeRoleCommandInput {
  const role = roleFor(roles, scope.account, null);
  return { ...sessionOf(scope, role, 'outport'), Policy: watchSessionPolicy(scope) };
}

function policyOf(scope: AccountRegion, onBehalfOf: OnBehalfOf): string {
  switch (onBehalfOf.to) {
    case 'EXPORT':
      return exportSessionPolicy(onBehalfOf.table, onBehalfOf.destination);
    case 'SEE_TABLES':
      return tablesSessionPolicy(scope);
    case 'READ_DATA':
      return readSessionPolicy(onBehalfOf.record);
    default:
      return onBehalfOf satisfies never;
  }
}

/** What STS takes. A team whose name it does not take goes untagged: a changed name could be that of another team. */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u;

function sessionOf(
  { partition, account }: AccountRegion,
  { role, externalId }: ExportRole,
  name: string,
): AssumeRoleCommandInput {
  return {
    RoleArn: `arn:${partition}:iam::${account}:role/${role}`,
    RoleSessionName: name,
    SourceIdentity: name,
    ...(externalId !== null && { ExternalId: externalId }),
  };
}

function createClients(region: string, session: AssumeRoleCommandInput): AccountClients {
  const sts = new STSClient({ region, ...BOUNDED_CALLS });
  // The SDK keeps what this returns until shortly before it expires.
  const credentials = async () => {
    const { Credentials } = await sts.send(new AssumeRoleCommand(session));
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (!AccessKeyId || !SecretAccessKey) throw new Error('AssumeRole returned no credentials');
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  };
  const options = { region, credentials, ...BOUNDED_CALLS };
  let cloudTrail: Promise<CloudTrailClient> | undefined;
  return {
    dynamodb: new DynamoDBClient(options),
    // A bucket may lie in another Region than the table.
    s3: new S3Client({ ...options, followRegionRedirects: true }),
    cloudTrail: () => {
      cloudTrail ??= loadCloudTrail(options);
      return cloudTrail;
    },
  };
}

async function loadCloudTrail(options: CloudTrailClientConfig): Promise<CloudTrailClient> {
  const { CloudTrailClient } = await import('@aws-sdk/client-cloudtrail');
  return new CloudTrailClient(options);
}
