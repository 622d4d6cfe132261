import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient, ExportTableToPointInTimeCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { ExecutionEnvironment } from '../../../src/local/host/execution-environment.ts';
import { type Outport, startOutport } from '../../../src/local/outport.ts';
import { createConnection, exportTopic, readConnection, storeSubscription } from '../../../src/records/connections.ts';
import { readDeliveries } from '../../../src/records/webhooks.ts';
import { EVENT_BUS, keepForBus } from '../../../src/services/events/bus-outbox.ts';
import { exportEventOf } from '../../../src/services/events/cloud-event.ts';
import { createTable, setRecovery } from '../../support/create-table.ts';
import { recordsTableOf, writeMove } from '../../support/export-moves.ts';
import { waitingExport } from '../../support/waiting-export.ts';
import { type CallRecorder, type RecordedCall, startCallRecorder } from './call-recorder.ts';
import { FUNCTION_NAMES } from './packaged-service.ts';
import { type Ask, useWholeApi } from './whole-api.ts';

/** The account that the functions run in, and that of the tables. */
export const PLATFORM_ACCOUNT = '999999999999';
export const DATA_ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
export const RECORDS_TABLE = 'outport-local-RecordsTable';

const TABLE_ARN = `arn:aws:dynamodb:${REGION}:${DATA_ACCOUNT}:table/orders`;
export const BUCKET = 'lake';

/** Every call to AWS that each function makes while everything that Outport can do is done over its API. */
export async function recordCalls(directory: string): Promise<ReadonlyMap<string, readonly RecordedCall[]>> {
  const recorders = new Map<string, CallRecorder>();
  for (const name of FUNCTION_NAMES) recorders.set(name, await startCallRecorder(scopeOf));
  try {
    const outport = await startRecorded(directory, recorders);
    try {
      await createTableAndBucket(outport.awsEndpoint);
      await useEveryTransport(outport);
      await exportPastOutport(outport.awsEndpoint);
    } finally {
      await outport.close();
    }
    // The schedule runs at every start, which is sooner than the next minute.
    const again = await startRecorded(directory, recorders);
    try {
      await untilAdopted(await overHttp(again, ['platform']));
    } finally {
      await again.close();
    }
  } finally {
    for (const recorder of recorders.values()) await recorder.close();
  }
  return new Map([...recorders].map(([name, { calls }]) => [name, calls]));
}

const scopeOf = (bySession: boolean) => ({ account: bySession ? DATA_ACCOUNT : PLATFORM_ACCOUNT, region: REGION });

/** The first team has no room for exports, the second may do everything. */
const HELD_BACK = ['waiting', 'platform'];

function startRecorded(directory: string, recorders: ReadonlyMap<string, CallRecorder>): Promise<Outport> {
  return startOutport({
    directory,
    port: 0,
    awsPort: 0,
    verifySignatures: false,
    params: {
      quotas: JSON.stringify([{ team: 'waiting', maxExports: 0 }]),
      // Of this machine, so that nothing is sent; all else is done.
      webhooks: JSON.stringify([{ name: 'portal', url: 'https://localhost' }]),
      webhookSecrets: JSON.stringify([{ name: 'portal', secret: `whsec_${Buffer.alloc(24).toString('base64')}` }]),
    },
    startEnvironment: (options) => {
      const { functionName } = options.settings;
      const recorder = recorders.get(functionName.slice(functionName.lastIndexOf('-') + 1));
      if (!recorder) throw new Error(`there is a function ${functionName} that is not in FUNCTION_NAMES`);
      const { AWS_ENDPOINT_URL: aws, OUTPORT_WEBSOCKET_ENDPOINT: websocket } = options.variables;
      recorder.passTo({ aws, managementApi: websocket });
      const variables = {
        ...options.variables,
        AWS_ENDPOINT_URL: recorder.endpoint,
        ...(websocket && { OUTPORT_WEBSOCKET_ENDPOINT: `${recorder.endpoint}${new URL(websocket).pathname}` }),
      };
      return new ExecutionEnvironment({ ...options, variables });
    },
  });
}

async function useEveryTransport(outport: Outport): Promise<void> {
  const place = (name: string) => ({ tableArn: TABLE_ARN, bucket: BUCKET, name });
  const callers = { platform: await overHttp(outport, ['platform']), waiting: await overHttp(outport, HELD_BACK) };
  await useWholeApi(callers, place('http'));
  const clients = [await connect(outport, ['platform']), await connect(outport, HELD_BACK)] as const;
  try {
    await useWholeApi({ platform: overWebsocket(clients[0]), waiting: overWebsocket(clients[1]) }, place('websocket'));
    await followToTheEnd(clients[0], callers.waiting);
  } finally {
    for (const client of clients) await client.dispose();
  }
  await breakTheProtocol(outport);
  await tellTheGone(outport);
  await sendTheBusWhatItDidNotTake(outport);
}

const tokenOf = (outport: Outport, teams: readonly string[]) => outport.token({ subject: 'ana', name: 'Ana', teams });

async function overHttp(outport: Outport, teams: readonly string[]): Promise<Ask> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await tokenOf(outport, teams)}` };
  return async (query, variables) => {
    const body = JSON.stringify({ query, variables });
    const answer = await (await fetch(outport.graphqlUrl, { method: 'POST', headers, body })).json();
    return dataOf(answer);
  };
}

async function connect(outport: Outport, teams: readonly string[]): Promise<Client> {
  const authorization = `Bearer ${await tokenOf(outport, teams)}`;
  return createClient({ url: outport.websocketUrl, webSocketImpl: WebSocket, connectionParams: { authorization } });
}

const overWebsocket =
  (client: Client): Ask =>
  async (query, variables) =>
    dataOf((await client.iterate({ query, variables }).next()).value);

// biome-ignore lint/suspicious/noExplicitAny: answers of any query
function dataOf(answer: any) {
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

/** Subscribes to an export that waits, and cancels it. */
async function followToTheEnd(client: Client, waiting: Ask): Promise<void> {
  const input = { tableArn: TABLE_ARN, destination: { bucket: BUCKET }, clientToken: 'followed' };
  const { exportTable } = await waiting(
    'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } } }',
    { input },
  );
  const { id } = exportTable.export;
  const query = `subscription ($id: ID!) { exportUpdated(id: $id) { status queuePosition retryOf { id } } }`;
  let heard = 0;
  for await (const _ of client.iterate({ query, variables: { id } })) {
    heard += 1;
    if (heard > 1) continue;
    await waiting('mutation ($input: CancelExportInput!) { cancelExport(input: $input) { export { id } } }', {
      input: { id },
    });
  }
}

/** Is closed for it. */
async function breakTheProtocol({ websocketUrl }: Outport): Promise<void> {
  const socket = new WebSocket(websocketUrl, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send('no message of the protocol');
  await once(socket, 'close');
}

/** Somebody follows an export that waits, and goes without a word. */
async function tellTheGone(outport: Outport): Promise<void> {
  const table = recordsTableOf(outport);
  const record = waitingExport({ id: 'exp_nobodylistens' });
  const expiresAt = Math.floor(Date.now() / 1000) + 3600;
  const subscription = {
    topic: exportTopic(record.id),
    connectionId: 'gone',
    id: 'one',
    operation: {
      query: 'subscription ($id: ID!) { exportUpdated(id: $id) { queuePosition } }',
      operationName: null,
      variables: { id: record.id },
    },
    subscriber: { issuer: 'i', subject: 'ana', name: null, teams: ['platform'], expiresAtSeconds: expiresAt },
    lastVersion: 0,
    expiresAt,
  };
  await createConnection(table, { connectionId: subscription.connectionId, expiresAt });
  await writeMove(table, record);
  await storeSubscription(table, subscription);
  while (await readConnection(table, subscription.connectionId)) await wait(50);
  table.client.destroy();
}

/** As `publish` leaves it when the bus has failed. */
async function sendTheBusWhatItDidNotTake(outport: Outport): Promise<void> {
  const table = recordsTableOf(outport);
  await keepForBus(table, exportEventOf(waitingExport({ id: 'exp_untold' })), new Date());
  while ((await readDeliveries(table, EVENT_BUS.name, null, 1)).length > 0) await wait(50);
  table.client.destroy();
}

const clientOptions = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: { accessKeyId: DATA_ACCOUNT, secretAccessKey: 'outport' },
});

async function createTableAndBucket(endpoint: string): Promise<void> {
  const dynamodb = new DynamoDBClient(clientOptions(endpoint));
  const s3 = new S3Client(clientOptions(endpoint));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await createTable(dynamodb, 'orders');
  await setRecovery(dynamodb, 'orders', true);
  await dynamodb.send(new PutItemCommand({ TableName: 'orders', Item: { pk: { S: '1' } } }));
  dynamodb.destroy();
  s3.destroy();
}

/** An export that somebody starts with the AWS CLI, and Outport adopts. */
async function exportPastOutport(endpoint: string): Promise<void> {
  const dynamodb = new DynamoDBClient(clientOptions(endpoint));
  await dynamodb.send(new ExportTableToPointInTimeCommand({ TableArn: TABLE_ARN, S3Bucket: BUCKET }));
  dynamodb.destroy();
}

async function untilAdopted(ask: Ask): Promise<void> {
  for (;;) {
    const { exports, auditEvents } = await ask(
      `{ exports(first: 100) { nodes { source verification { status } } } auditEvents(first: 1) { ingestedThrough } }`,
    );
    const adopted = exports.nodes.some(
      (node: { source: string; verification: object | null }) => node.source !== 'OUTPORT' && node.verification,
    );
    if (adopted && auditEvents.ingestedThrough) return;
    await wait(50);
  }
}
