import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { reconcileToTheEnd } from '../support/reconcile-run.ts';

const SCOPE = { account: '111122223333', region: 'eu-central-1' };
const NAMES = ['customers', 'orders', 'orders-archive', 'payments'];

let plane: TestControlPlane;
let platform: string;
let nobody: string;

beforeAll(async () => {
  plane = await startControlPlane({
    OUTPORT_ACCOUNTS: JSON.stringify([{ account: '444455556666', regions: ['us-east-1', 'eu-west-1'] }]),
  });
  for (const name of NAMES) await plane.createTable(name, { recovery: name === 'orders' });
  await plane.createBucket('lake');
  platform = await plane.issuer.token('pam', ['platform']);
  nobody = await plane.issuer.token('dan', []);
});
afterAll(() => plane.close());

const TABLES = `query ($account: String!, $region: String!, $first: Int!, $after: String, $nameBeginsWith: String) {
  tables(account: $account, region: $region, first: $first, after: $after, nameBeginsWith: $nameBeginsWith) {
    nodes { tableName }
    pageInfo { hasNextPage endCursor }
  }
}`;
const TABLE = `query ($tableArn: String!) { table(tableArn: $tableArn) {
  tableArn tableName tableStatus itemCount tableSizeBytes
  keySchema { attributeName keyType attributeType }
  recovery { earliestRestorableTime latestRestorableTime recoveryPeriodInDays }
  exports(first: 2) { nodes { id } pageInfo { endCursor hasNextPage } }
} }`;

const namesIn = (body: { data: { tables: { nodes: Array<{ tableName: string }> } } }) =>
  body.data.tables.nodes.map(({ tableName }) => tableName);

describe('the accounts', () => {
  test('are those that are configured and those that were exported from, for whoever may list their tables', async () => {
    const ask = async (token: string) =>
      (await plane.query(token, '{ accounts { account region } }')).body.data.accounts;
    const configured = [
      { account: '444455556666', region: 'eu-west-1' },
      { account: '444455556666', region: 'us-east-1' },
    ];
    expect(await ask(platform)).toEqual(configured);
    await exportOrders('first');
    expect(await ask(platform)).toEqual([SCOPE, ...configured]);
    expect(await ask(nobody)).toEqual([]);
  });
});

describe('the tables of an account and Region', () => {
  test('are listed page by page, by name', async () => {
    const first = await plane.query(platform, TABLES, { ...SCOPE, first: 3 });
    expect(namesIn(first.body)).toEqual(['customers', 'orders', 'orders-archive']);
    const { endCursor, hasNextPage } = first.body.data.tables.pageInfo;
    expect(hasNextPage).toBe(true);
    const second = await plane.query(platform, TABLES, { ...SCOPE, first: 3, after: endCursor });
    expect(namesIn(second.body)).toEqual(['outport-records', 'payments']);
    expect(second.body.data.tables.pageInfo.hasNextPage).toBe(false);
  });

  test('may be narrowed to those whose names begin alike', async () => {
    const { body } = await plane.query(platform, TABLES, { ...SCOPE, first: 10, nameBeginsWith: 'orders' });
    expect(namesIn(body)).toEqual(['orders', 'orders-archive']);
  });

  test('are none where nothing may be listed, without a call of AWS', async () => {
    const before = await assumedBy('dan');
    const { body } = await plane.query(nobody, TABLES, { ...SCOPE, first: 10 });
    expect(body.data.tables).toEqual({ nodes: [], pageInfo: { hasNextPage: false, endCursor: null } });
    expect(await assumedBy('dan')).toEqual(before);
  });

  test.each([
    ['no account', { account: 'orders', region: 'eu-central-1', first: 1 }, /"orders" in "eu-central-1" is not/],
    ['a page too long', { ...SCOPE, first: 101 }, /"first" must be between 1 and 100, not 101/],
    ['the cursor of another list', { ...SCOPE, first: 1, after: 'WzEsIngiXQ' }, /"after" is not a cursor/],
  ])('are refused for %s', async (_what, variables, message) => {
    const { body } = await plane.query(platform, TABLES, variables);
    expect(body.errors).toMatchObject([
      { message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  test('cost what they are described with, so that a long page of everything is refused', async () => {
    const query = `query { tables(account: "111122223333", region: "eu-central-1", first: 100) { nodes {
      recovery { earliestRestorableTime } exports(first: 100) { nodes { id } } } } }`;
    expect((await plane.query(platform, query)).body.errors[0].extensions.reason).toBe('QUERY_TOO_COSTLY');
  });
});

describe('a table', () => {
  test('is described as it is now, with its last exports', async () => {
    const ids = [await exportOrders('one'), await exportOrders('two'), await exportOrders('three')];
    const { body } = await plane.query(platform, TABLE, { tableArn: tableArnOf('orders') });
    const { exports, ...table } = body.data.table;
    expect(table).toEqual({
      tableArn: tableArnOf('orders'),
      tableName: 'orders',
      tableStatus: 'ACTIVE',
      itemCount: 3,
      tableSizeBytes: expect.any(Number),
      keySchema: [{ attributeName: 'pk', keyType: 'HASH', attributeType: 'S' }],
      recovery: {
        earliestRestorableTime: expect.stringMatching(/Z$/),
        latestRestorableTime: expect.stringMatching(/Z$/),
        recoveryPeriodInDays: 35,
      },
    });
    expect(exports.nodes).toEqual([{ id: ids[2] }, { id: ids[1] }]);
    const more = await plane.query(
      platform,
      'query ($after: String, $filter: ExportFilter) { exports(first: 1, after: $after, filter: $filter) { nodes { id } } }',
      { after: exports.pageInfo.endCursor, filter: { tableArn: tableArnOf('orders') } },
    );
    expect(more.body.data.exports.nodes).toEqual([{ id: ids[0] }]);
  });

  test('without point-in-time recovery has no recovery window', async () => {
    const { body } = await plane.query(platform, TABLE, { tableArn: tableArnOf('payments') });
    expect(body.data.table).toMatchObject({ tableName: 'payments', recovery: null });
  });

  test('that one may not see is as one that is not there', async () => {
    const [absent, hidden] = [
      await plane.query(platform, TABLE, { tableArn: tableArnOf('nothing') }),
      await plane.query(nobody, TABLE, { tableArn: tableArnOf('orders') }),
    ];
    expect(absent.body.data).toEqual({ table: null });
    expect(hidden.body.data).toEqual(absent.body.data);
  });

  test('is asked for by an ARN', async () => {
    const { body } = await plane.query(platform, TABLE, { tableArn: 'orders' });
    expect(body.errors).toMatchObject([{ message: '"orders" is not the ARN of a table.' }]);
  });

  test('is looked at in the name of the viewer, in a session that can do nothing else', async () => {
    await plane.query(platform, TABLE, { tableArn: tableArnOf('orders') });
    const policies = (await assumedBy('pam')).map(({ policy }) => JSON.parse(policy).Statement);
    expect(policies).toContainEqual([
      { Effect: 'Allow', Action: ['dynamodb:ListTables'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['dynamodb:DescribeTable', 'dynamodb:DescribeContinuousBackups'],
        Resource: 'arn:aws:dynamodb:eu-central-1:111122223333:table/*',
      },
    ]);
  });
});

async function exportOrders(clientToken: string): Promise<string> {
  const { body } = await plane.query(
    platform,
    'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } userErrors { message } } }',
    { input: { clientToken, tableArn: tableArnOf('orders'), destination: { bucket: 'lake' } } },
  );
  const { id } = body.data.exportTable.export;
  await reconcileToTheEnd(plane.outport, id);
  return id;
}

/** The parameters of the AssumeRole calls of a person, as CloudTrail recorded them. */
async function assumedBy(subject: string) {
  const { Events = [] } = await new CloudTrailClient().send(
    new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'AssumeRole' }] }),
  );
  return Events.map(({ CloudTrailEvent = '' }) => JSON.parse(CloudTrailEvent).requestParameters).filter(
    ({ sourceIdentity }) => sourceIdentity.startsWith(`${subject}-`),
  );
}
