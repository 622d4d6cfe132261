import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Requester } from '../records/export-records.ts';
import type { AccountRegion } from '../records/ledger.ts';
import { sessionNameOf } from './principal.ts';

/** Clients that act in a table's account, in one Region, in somebody's name. */
export interface AccountClients {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly cloudTrail: CloudTrailClient;
}

/** Gives the clients for an account and Region; `onBehalfOf` null: Outport itself, to look after what is running. */
export type Accounts = (
  scope: AccountRegion,
  onBehalfOf: Pick<Requester, 'issuer' | 'subject'> | null,
) => AccountClients;

/** How every call to AWS is bounded: three attempts of at most ten seconds each. */
export const BOUNDED_CALLS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

/** Sets of clients kept for reuse, the least recently used dropped: a set holds sockets and a role's credentials. */
const CLIENT_SETS_MAX = 50;

/**
 * Whoever exports a table must belong to its account (facts §4.2), so Outport assumes a role there. The session carries
 * the person's name, so that IAM policies can refer to it and CloudTrail shows on whose behalf DynamoDB was called.
 */
export function createAccounts(roleName: string): Accounts {
  const clientSets = new Map<string, AccountClients>();
  return (scope, onBehalfOf) => {
    const sessionName = onBehalfOf === null ? 'outport' : sessionNameOf(onBehalfOf);
    const key = `${scope.account} ${scope.region} ${sessionName}`;
    const clients = clientSets.get(key) ?? createClients(scope, roleName, sessionName);
    clientSets.delete(key);
    clientSets.set(key, clients);
    const [oldest] = clientSets.keys();
    if (clientSets.size > CLIENT_SETS_MAX && oldest !== undefined) clientSets.delete(oldest);
    return clients;
  };
}

function createClients(scope: AccountRegion, roleName: string, sessionName: string): AccountClients {
  const sts = new STSClient({ region: scope.region, ...BOUNDED_CALLS });
  // The SDK keeps what this returns until shortly before it expires.
  const credentials = async () => {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: `arn:${scope.partition}:iam::${scope.account}:role/${roleName}`,
        RoleSessionName: sessionName,
        SourceIdentity: sessionName,
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (!AccessKeyId || !SecretAccessKey) throw new Error('AssumeRole returned no credentials');
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  };
  const options = { region: scope.region, credentials, ...BOUNDED_CALLS };
  return {
    dynamodb: new DynamoDBClient(options),
    // A bucket may lie in another Region than the table.
    s3: new S3Client({ ...options, followRegionRedirects: true }),
    cloudTrail: new CloudTrailClient(options),
  };
}
