import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient, PutItemCommand, paginateListExports } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createControlPlane } from '../../src/lambda/control-plane.ts';
import { readOpenExports } from '../../src/records/export-records.ts';
import { readLedger } from '../../src/records/ledger.ts';
import type { RecordsTable } from '../../src/records/table.ts';
import { httpApiEvent } from '../support/control-plane.ts';
import { createTable, setRecovery } from '../support/create-table.ts';
import { recordsTableOf } from '../support/export-moves.ts';
import { FunctionProcess } from '../support/function-process.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { reconcileAllAccounts } from '../support/reconcile-run.ts';

const MAX_EXPORTS = 10;
const PROCESSES = 3;
const REQUESTS = 1_000;
/** Of so many requests one would rather wait than be refused. */
const ONE_WAITS_OF = 40;
/** Answers after which one of the processes is killed among its work. */
const ANSWERS_BEFORE_KILL = 100;
const SCOPE = { partition: 'aws', account: '111122223333', region: 'us-east-1' };
const TABLE_ARN = `arn:aws:dynamodb:${SCOPE.region}:${SCOPE.account}:table/orders`;

/** It has the data plane and reconcile; the requests are answered by processes beside it. */
let outport: OutportProcess;
let settings: NodeJS.ProcessEnv;
let processes: FunctionProcess[];
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  outport = await startOutport({ params: { maxExports: String(MAX_EXPORTS) } });
  settings = {
    AWS_ENDPOINT_URL: outport.awsEndpoint,
    AWS_REGION: SCOPE.region,
    AWS_ACCESS_KEY_ID: '999999999999',
    AWS_SECRET_ACCESS_KEY: 'outport',
    OUTPORT_TABLE: recordsTableOf(outport).name,
    OUTPORT_ISSUERS: JSON.stringify([{ issuer: outport.issuer, audience: 'outport' }]),
    OUTPORT_EXPORT_ROLE: 'OutportExport',
    OUTPORT_MAX_EXPORTS: String(MAX_EXPORTS),
  };
  processes = await Promise.all(Array.from({ length: PROCESSES }, () => FunctionProcess.start(settings)));
  const credentials = { accessKeyId: SCOPE.account, secretAccessKey: 'outport' };
  const account = { region: SCOPE.region, endpoint: outport.awsEndpoint, credentials };
  dynamodb = new DynamoDBClient(account);
  const s3 = new S3Client({ ...account, forcePathStyle: true });
  const TableName = 'orders';
  await createTable(dynamodb, TableName);
  await dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' } } }));
  await setRecovery(dynamodb, TableName, true);
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  s3.destroy();
}, 60_000);
afterAll(async () => {
  dynamodb.destroy();
  await Promise.all(processes.map((process) => process.kill()));
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

/** Asks one of the processes, and another under the same client token when that one dies. */
async function exportTable(token: string, clientToken: string, whenFull: 'QUEUE' | 'REFUSE'): Promise<Answer> {
  const input = { clientToken, tableArn: TABLE_ARN, destination: { bucket: 'lake' }, whenFull };
  const event = httpApiEvent('POST', JSON.stringify({ query: EXPORT_TABLE, variables: { input } }), {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
  });
  const [one, another] = sample(processes);
  const { body } = await one.handle(event).catch(() => another.handle(event));
  const { data, errors }: { data?: { exportTable: Answer }; errors?: unknown } = JSON.parse(body ?? '');
  if (!data) throw new Error(JSON.stringify(errors));
  return data.exportTable;
}

let asked = 0;
/** The next two in turn. */
function sample(of: readonly FunctionProcess[]): [FunctionProcess, FunctionProcess] {
  asked += 1;
  const [one, another] = [of[asked % of.length], of[(asked + 1) % of.length]];
  if (!one || !another) throw new Error('there are no two processes');
  return [one, another];
}

/** The exports of the data plane, whatever Outport believes, by their status. */
async function statusesUpstream(): Promise<string[]> {
  const statuses: string[] = [];
  for await (const { ExportSummaries = [] } of paginateListExports({ client: dynamodb }, { TableArn: TABLE_ARN })) {
    statuses.push(...ExportSummaries.map(({ ExportStatus }) => String(ExportStatus)));
  }
  return statuses;
}

test('of 1,000 requests at once, to processes of which one is killed, 10 exports run at most, each once', async () => {
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

  let answered = 0;
  const answers = await Promise.all(
    Array.from({ length: REQUESTS }, async (_, n) => {
      const whenFull = n % ONE_WAITS_OF === 0 ? 'QUEUE' : 'REFUSE';
      const answer = await exportTable(tokens[n % tokens.length] ?? '', randomUUID(), whenFull);
      answered += 1;
      if (answered === ANSWERS_BEFORE_KILL) await processes[0]?.kill();
      return { whenFull, ...answer };
    }),
  );
  asking = false;
  await watch;

  expect(Math.max(...inFlight)).toBe(MAX_EXPORTS);
  const accepted = answers.flatMap((answer) => answer.export ?? []);
  expect(new Set(accepted.map(({ id }) => id)).size).toBe(accepted.length);
  for (const { whenFull, export: taken, userErrors } of answers) {
    if (taken) continue;
    expect(whenFull).toBe('REFUSE');
    expect(userErrors).toEqual([{ code: 'LIMIT_EXCEEDED', limit: { inUse: MAX_EXPORTS, max: MAX_EXPORTS } }]);
  }
  expect(answers.filter(({ whenFull }) => whenFull === 'REFUSE').some((answer) => answer.export === null)).toBe(true);
  expect(await statusesUpstream()).toEqual(accepted.map(() => 'COMPLETED'));
  await expectNoSlotIsLost(records);
}, 600_000);

/** A slot whose request died before it recorded an export is given back by reconcile, some minutes later. */
async function expectNoSlotIsLost(records: RecordsTable): Promise<void> {
  Object.assign(process.env, settings);
  const { outport: controlPlane } = createControlPlane(settings, 'policies');
  const later = { ...controlPlane, now: () => new Date(Date.now() + 3_600_000) };
  await reconcileAllAccounts(later);
  expect((await readLedger(records, SCOPE)).exports).toEqual({});
}
