import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { type GraphqlAnswer, startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { SPOILERS, spoiledTwice } from '../support/spoiled.ts';

let plane: TestControlPlane;
let token: string;
let log: MockInstance;
beforeAll(async () => {
  // What is tried here is more than one person may ask in a minute.
  plane = await startControlPlane({ OUTPORT_REQUESTS_PER_MINUTE: '1000000' });
  token = await plane.issuer.token('ann', ['platform']);
  await plane.createTable('cities');
  await plane.createBucket('lake');
});
afterAll(() => plane.close());
beforeEach(() => {
  log = vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

const INPUT = {
  clientToken: 'a',
  tableArn: tableArnOf('cities'),
  exportTime: '2026-11-23T00:00:00Z',
  exportFormat: 'ION',
  exportType: 'INCREMENTAL_EXPORT',
  incrementalExport: {
    exportFromTime: '2026-11-23T00:00:00Z',
    exportToTime: '2026-11-23T01:00:00Z',
    exportViewType: 'NEW_IMAGE',
  },
  filter: {
    filterExpression: '#a = :v',
    expressionAttributeNames: { '#a': 'a' },
    expressionAttributeValues: { ':v': { L: [{ S: 'x' }, { B: 'AA==' }] } },
  },
  whenFull: 'REFUSE',
  destination: {
    bucket: 'lake',
    bucketOwner: '111122223333',
    prefix: 'p',
    encryption: { algorithm: 'KMS', kmsKeyId: 'alias/key' },
  },
};
const USER_ERRORS = 'userErrors { code message field remedy }';

/** A sound document and its variables, for each operation that takes more than an id. */
const OPERATIONS: Array<[string, string, Record<string, unknown>]> = [
  [
    'exportTable',
    `mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } ${USER_ERRORS} } }`,
    { input: INPUT },
  ],
  [
    'preflight',
    'query ($input: ExportTableInput!) { preflight(input: $input) { ready checks { code message } } }',
    { input: INPUT },
  ],
  [
    'canExportTable',
    `query ($input: CanExportTableInput!) { viewer { canExportTable(input: $input) { ${USER_ERRORS} } } }`,
    { input: { tableArn: INPUT.tableArn, destination: INPUT.destination } },
  ],
  [
    'exports',
    'query ($first: Int!, $after: String, $filter: ExportFilter, $orderBy: ExportOrder!) { exports(first: $first, after: $after, filter: $filter, orderBy: $orderBy) { nodes { id } } }',
    {
      first: 10,
      after: 'x',
      orderBy: 'CREATED_AT_ASC',
      filter: {
        tableArn: INPUT.tableArn,
        status: 'FAILED',
        requestedBy: 'ann',
        team: 'data',
        createdFrom: INPUT.exportTime,
      },
    },
  ],
  [
    'auditEvents',
    'query ($first: Int!, $after: String, $filter: AuditEventFilter) { auditEvents(first: $first, after: $after, filter: $filter) { nodes { id } } }',
    {
      first: 10,
      after: 'x',
      filter: {
        source: 'OUTPORT',
        exportId: 'exp_1',
        tableArn: INPUT.tableArn,
        principal: 'ann',
        eventName: 'ExportTable',
      },
    },
  ],
  [
    'auditChain',
    'query ($chain: Int!, $first: Int!, $after: Int!) { auditChain(chain: $chain, first: $first, after: $after) { hasNextPage } }',
    { chain: 0, first: 10, after: 3 },
  ],
  [
    'limits',
    'query ($account: String!, $region: String!) { limits(account: $account, region: $region) { exports { inUse } } }',
    { account: '111122223333', region: 'eu-central-1' },
  ],
  ['export', 'query ($id: ID!) { export(id: $id) { id } }', { id: 'exp_1' }],
  [
    'cancelExport',
    `mutation ($id: ID!) { cancelExport(input: { id: $id, clientMutationId: "x" }) { ${USER_ERRORS} } }`,
    { id: 'exp_1' },
  ],
  [
    'retryExport',
    `mutation ($input: RetryExportInput!) { retryExport(input: $input) { ${USER_ERRORS} } }`,
    { input: { id: 'exp_1', clientToken: 'a' } },
  ],
  [
    'verifyExport',
    `mutation ($input: VerifyExportInput!) { verifyExport(input: $input) { ${USER_ERRORS} } }`,
    { input: { id: 'exp_1', deep: true } },
  ],
];

/** Whatever is wrong with a request is its sender's to know: nothing failed inside. */
function expectNoBug({ status, body }: GraphqlAnswer): void {
  expect(log.mock.calls.map(String).filter((line) => line.includes('"ERROR"'))).toEqual([]);
  expect(status).toBeLessThan(500);
  expect(JSON.stringify(body)).not.toContain('INTERNAL_SERVER_ERROR');
}

test.each(OPERATIONS)('%s answers whatever its variables are', async (_name, document, variables) => {
  const sound = await plane.query(token, document, variables);
  expect({ errors: sound.body.errors }).not.toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  await fc.assert(
    fc.asyncProperty(spoiledTwice(variables), async (spoiled) => {
      const body = JSON.stringify({ query: document, variables: spoiled });
      expectNoBug(await plane.send(body, { authorization: `Bearer ${token}` }));
    }),
    { numRuns: 40 },
  );
});

test('the endpoint answers whatever it is sent', async () => {
  const [, query, variables] = OPERATIONS[0] ?? [];
  const request = {
    query,
    variables,
    operationName: null,
    extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } },
  };
  const body = fc.oneof(
    spoiledTwice(request).map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string(),
    fc.string().map((text) => JSON.stringify({ query: text })),
  );
  const hostile = fc.oneof(fc.constantFrom(...SPOILERS.map(String)), fc.string());
  const headers = fc.record(
    {
      authorization: fc.oneof(
        fc.constant(`Bearer ${token}`),
        hostile.map((text) => `Bearer ${text}`),
        hostile,
      ),
      'content-type': fc.oneof(fc.constant('application/json'), hostile),
      accept: hostile,
    },
    { requiredKeys: ['authorization'] },
  );
  await fc.assert(
    fc.asyncProperty(body, headers, fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT'), async (text, sent, method) =>
      expectNoBug(await plane.send(text, sent, method)),
    ),
    { numRuns: 40 },
  );
});
