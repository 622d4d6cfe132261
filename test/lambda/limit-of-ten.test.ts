import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  paginateListExports,
  UpdateContinuousBackupsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readOpenExports } from '../../src/records/export-records.ts';
import { readLedger } from '../../src/records/ledger.ts';
import { recordsTableOf } from '../support/export-moves.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';

const MAX_EXPORTS = 10;
/** Exports asked for, each several times under one client token, by clients that do not wait for an answer. */
const EXPORTS = 100;
const TIMES = 10;
const SCOPE = { partition: 'aws', account: '111122223333', region: 'us-east-1' };
const TABLE_ARN = `arn:aws:dynamodb:${SCOPE.region}:${SCOPE.account}:table/orders`;

let outport: OutportProcess;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  outport = await startOutport({ params: { maxExports: String(MAX_EXPORTS) } });
  const credentials = { accessKeyId: SCOPE.account, secretAccessKey: 'outport' };
  const settings = { region: SCOPE.region, endpoint: outport.awsEndpoint, credentials };
  dynamodb = new DynamoDBClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const TableName = 'orders';
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.2 }, { TableName });
  await dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' } } }));
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await dynamodb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  s3.destroy();
}, 60_000);
afterAll(async () => {
  dynamodb.destroy();
  await outport.stop();
});

const EXPORT_TABLE = /* GraphQL */ `
  mutation ($input: ExportTableInput!) {
    exportTable(input: $input) { export { id status } userErrors { code limit { inUse max } } }
  }
`;

interface Answer {
  readonly export: { readonly id: string; readonly status: string } | null;
  readonly userErrors: ReadonlyArray<{ readonly code: string; readonly limit: { inUse: number; max: number } | null }>;
}

async function exportTable(token: string, clientToken: string, whenFull: 'QUEUE' | 'REFUSE'): Promise<Answer> {
  const input = { clientToken, tableArn: TABLE_ARN, destination: { bucket: 'lake' }, whenFull };
  const send = () =>
    fetch(outport.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: EXPORT_TABLE, variables: { input } }),
    });
  // A connection that breaks under so many tells nothing: that is what a client token is for.
  const response = await send().catch(send);
  const { data, errors } = (await response.json()) as { data?: { exportTable: Answer }; errors?: unknown };
  if (!data) throw new Error(JSON.stringify(errors));
  return data.exportTable;
}

/** The exports of the data plane, whatever Outport believes, by their status. */
async function statusesUpstream(): Promise<string[]> {
  const statuses: string[] = [];
  for await (const { ExportSummaries = [] } of paginateListExports({ client: dynamodb }, { TableArn: TABLE_ARN })) {
    statuses.push(...ExportSummaries.map(({ ExportStatus }) => String(ExportStatus)));
  }
  return statuses;
}

test('of 1,000 requests at once never more than 10 exports run, and each asked for runs once and ends', async () => {
  const records = recordsTableOf(outport);
  const tokens = await Promise.all(
    ['red', 'blue', 'green', 'grey'].map((team) => outport.mint({ subject: team, teams: ['platform', team] })),
  );
  const inFlight: number[] = [];
  let asking = true;
  const watch = (async () => {
    while (asking || (await readOpenExports(records)).length > 0) {
      const statuses = await statusesUpstream();
      inFlight.push(statuses.filter((status) => status === 'IN_PROGRESS').length);
      inFlight.push(Object.keys((await readLedger(records, SCOPE)).exports).length);
      await wait(200);
    }
  })();

  const wanted = Array.from({ length: EXPORTS }, (_, n) => ({
    token: tokens[n % tokens.length] ?? '',
    clientToken: randomUUID(),
    whenFull: n % 8 < 4 ? ('QUEUE' as const) : ('REFUSE' as const),
  }));
  const requests = Array.from({ length: TIMES }, () => wanted).flat();
  const answers = await Promise.all(
    requests.map(async ({ token, clientToken, whenFull }) => ({
      clientToken,
      whenFull,
      ...(await exportTable(token, clientToken, whenFull)),
    })),
  );
  asking = false;
  await watch;

  expect(answers).toHaveLength(1_000);
  expect(Math.max(...inFlight)).toBe(MAX_EXPORTS);
  const idOf = new Map<string, string>();
  for (const { clientToken, whenFull, export: accepted, userErrors } of answers) {
    if (accepted) {
      expect(idOf.get(clientToken) ?? accepted.id).toBe(accepted.id);
      idOf.set(clientToken, accepted.id);
    } else {
      expect(whenFull).toBe('REFUSE');
      expect(userErrors).toEqual([{ code: 'LIMIT_EXCEEDED', limit: { inUse: MAX_EXPORTS, max: MAX_EXPORTS } }]);
    }
  }
  for (const { clientToken, whenFull } of wanted) expect(whenFull === 'REFUSE' || idOf.has(clientToken)).toBe(true);
  expect(await statusesUpstream()).toEqual([...idOf].map(() => 'COMPLETED'));
  expect((await readLedger(records, SCOPE)).exports).toEqual({});
}, 600_000);
