import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CloudTrailClient, paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createTable, setRecovery } from '../support/create-table.ts';
import { recordsTableOf } from '../support/export-moves.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';

/** What must be found nowhere: in a token's own text, in values, in fields that there are not, in headers. */
const CANARY = 'swordfish';
const ACCOUNT = '111122223333';
const TABLE_ARN = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/orders`;

let outport: OutportProcess;
beforeAll(async () => {
  outport = await startOutport();
});
afterAll(() => outport.stop());

async function send(body: unknown, authorization = `Bearer ${outport.token}`) {
  const response = await fetch(outport.graphqlUrl, {
    method: 'POST',
    headers: {
      authorization,
      'content-type': 'application/json',
      cookie: `session=${CANARY}`,
      'x-api-key': CANARY,
      referer: `https://portal.example/?token=${CANARY}`,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return JSON.parse(await response.text());
}

/** The text of every log of the functions. */
async function readLogs(): Promise<string> {
  const directory = path.join(outport.directory, 'logs');
  const texts = await Promise.all(
    (await readdir(directory)).map((name) => readFile(path.join(directory, name), 'utf8')),
  );
  return texts.join('\n');
}

test('what callers keep secret is in no log, no audit and no trail', async () => {
  const settings = {
    region: 'us-east-1',
    endpoint: outport.awsEndpoint,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: CANARY },
  };
  const [dynamodb, s3, trail] = [new DynamoDBClient(settings), new S3Client(settings), new CloudTrailClient(settings)];
  await createTable(dynamodb, 'orders');
  await setRecovery(dynamodb, 'orders', true);
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));

  const exportTable = `mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } userErrors { code } } }`;
  const filter = {
    filterExpression: 'secret = :v',
    expressionAttributeValues: { ':v': { S: CANARY }, ':w': { M: { a: { SS: [CANARY] } } } },
  };
  const input = { clientToken: 'a', tableArn: TABLE_ARN, destination: { bucket: 'lake' }, filter };
  const { data } = await send({ query: exportTable, variables: { input } });
  // One that DynamoDB looks at, one that fails before, one that is examined only, and those that are never understood.
  const valid = { ...filter, expressionAttributeValues: { ':v': { S: CANARY } } };
  await send({ query: exportTable, variables: { input: { ...input, clientToken: 'b', filter: valid } } });
  await send({ query: exportTable, variables: { input: { ...input, tableArn: 'x' } } });
  await send({
    query: 'query ($input: ExportTableInput!) { preflight(input: $input) { ready } }',
    variables: { input },
  });
  await send({ query: exportTable, variables: { input: { ...input, password: CANARY } } });
  await send({ query: `{ export(id: "${CANARY}", password: "${CANARY}") { id } }` });
  await send({ query: `{ ${CANARY} ` });
  await send(`{"query": "${CANARY}`);
  for (const authorization of [`Bearer ${CANARY}.a.b`, `Basic ${CANARY}`, CANARY]) {
    expect(await send({ query: '{ __typename }' }, authorization)).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  }
  const socket = createClient({
    url: outport.websocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${outport.token}`, password: CANARY },
  });
  await socket.iterate({ query: '{ __typename }', variables: { password: CANARY } }).next();
  await socket.dispose();

  const records = recordsTableOf(outport);
  const audit: unknown[] = [];
  for await (const { Items = [] } of paginateScan({ client: records.client }, { TableName: records.name })) {
    audit.push(...Items.filter(({ kind }) => kind === 'AUDIT_EVENT'));
  }
  const trailed: unknown[] = [];
  for await (const { Events = [] } of paginateLookupEvents({ client: trail }, {})) trailed.push(...Events);
  for (const client of [dynamodb, s3, trail, records.client]) client.destroy();

  expect(data.exportTable).toMatchObject({ userErrors: expect.anything() });
  expect(JSON.stringify(audit)).toContain('secret = :v');
  expect(JSON.stringify(trailed)).toContain('ExportTableToPointInTime');
  const signature = outport.token.split('.').at(-1) ?? '';
  for (const [where, text] of Object.entries({
    logs: await readLogs(),
    audit: JSON.stringify(audit),
    trail: JSON.stringify(trailed),
  })) {
    expect(
      text.split('\n').filter((line) => line.includes(CANARY)),
      where,
    ).toEqual([]);
    expect(text, where).not.toContain(signature);
  }
});
