import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginOperation } from '../../src/lambda/socket-operations.ts';
import { createExport } from '../../src/records/export-records.ts';
import { startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { exportFailed, exportInProgress } from '../support/export-moves.ts';

/** Who there is, and the teams they are in. */
const TEAMS: Readonly<Record<string, readonly string[]>> = {
  pam: ['platform'],
  ana: ['data'],
  ben: ['data', 'sales'],
  cyd: ['sales'],
  dan: [],
};
const PEOPLE = Object.keys(TEAMS);
/** Who asked for which export; null: nobody, as it was adopted. */
const EXPORTS: ReadonlyArray<{ readonly id: string; readonly requester: string | null }> = [
  { id: 'exp_ana', requester: 'ana' },
  { id: 'exp_cyd', requester: 'cyd' },
  { id: 'exp_dan', requester: 'dan' },
  { id: 'exp_all', requester: null },
];
const ABSENT = 'exp_xyz';

/** What the default policies say, in other words. */
function maySee(person: string, requester: string | null): boolean {
  const [theirs = [], requesters = []] = [TEAMS[person], TEAMS[requester ?? '']];
  return theirs.includes('platform') || person === requester || requesters.some((team) => theirs.includes(team));
}

let plane: TestControlPlane;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  plane = await startControlPlane();
  for (const person of PEOPLE) tokens[person] = await plane.issuer.token(person, TEAMS[person]);
  for (const [n, { id, requester }] of EXPORTS.entries()) {
    const teams = TEAMS[requester ?? ''] ?? [];
    const requestedBy = requester && { issuer: plane.issuer.url, subject: requester, name: null, teams };
    const record = n % 2 === 0 ? exportFailed(id, 1) : exportInProgress(id, 1);
    await createExport(plane.outport.table, { ...record, requestedBy: requestedBy || null });
  }
});
afterAll(() => plane.close());

/** Every way that leads to an export, and what there says that it is there. */
type Way = (person: string, id: string) => Promise<{ readonly seen: boolean; readonly answer: unknown }>;

const over = (document: string, seenIn: (data: Record<string, never>, id: string) => boolean): Way => {
  return async (person, id) => {
    const { status, headers, body } = await plane.query(tokens[person] ?? '', document, { id });
    const { 'x-request-id': _, ...rest } = headers;
    return { seen: seenIn(body.data, id), answer: { status, headers: rest, body } };
  };
};
// biome-ignore lint/suspicious/noExplicitAny: answers of any query
const has = (path: (data: any) => unknown) => (data: Record<string, never>) => path(data) != null;
// biome-ignore lint/suspicious/noExplicitAny: answers of any query
const lists = (path: (data: any) => Array<{ id: string }>) => (data: Record<string, never>, id: string) =>
  path(data).some((listed) => listed.id === id);

const WAYS: Array<[string, Way]> = [
  [
    'export',
    over(
      'query ($id: ID!) { export(id: $id) { id status destination { bucket } } }',
      has((d) => d.export),
    ),
  ],
  [
    'what export has of its data',
    over(
      'query ($id: ID!) { export(id: $id) { viewerCanRead files(first: 1) { nodes { key } } preview(first: 1) { itemsRead } snippets { text } story { event } } }',
      has((d) => d.export),
    ),
  ],
  [
    'exports of the table',
    over(
      '{ exports(first: 100, filter: { tableArn: "arn:aws:dynamodb:us-east-1:000000000000:table/orders" }) { nodes { id viewerCanRead story { event } } } }',
      lists((d) => d.exports.nodes),
    ),
  ],
  [
    'nodes of exports',
    over(
      '{ exports(first: 100) { nodes { id } } }',
      lists((d) => d.exports.nodes),
    ),
  ],
  [
    'edges of exports',
    over(
      '{ exports(first: 100, filter: { status: FAILED }) { edges { node { id } } } inProgress: exports(first: 100, filter: { status: IN_PROGRESS }) { edges { node { id } } } }',
      // biome-ignore lint/suspicious/noExplicitAny: answers of any query
      lists((d) => [...d.exports.edges, ...d.inProgress.edges].map(({ node }: any) => node)),
    ),
  ],
  [
    'exportUpdated',
    async (person, id) => {
      const principal = {
        issuer: plane.issuer.url,
        subject: person,
        name: null,
        teams: TEAMS[person] ?? [],
        expiresAtSeconds: Number.MAX_SAFE_INTEGER,
      };
      const origin = { requestId: 'r', sourceIpAddress: '192.0.2.7', userAgent: null };
      const query = `subscription { exportUpdated(id: "${id}") { id status } }`;
      const answer = await beginOperation(plane.controlPlane, origin, { query }, principal);
      return { seen: answer.kind === 'SUBSCRIBED', answer };
    },
  ],
  [
    'what cancelExport returns',
    over(
      'mutation ($id: ID!) { cancelExport(input: { id: $id }) { export { id } userErrors { code message field remedy } } }',
      has((d) => d.cancelExport.export),
    ),
  ],
  [
    'what verifyExport returns',
    over(
      'mutation ($id: ID!) { verifyExport(input: { id: $id }) { export { id } userErrors { code message field remedy } } }',
      has((d) => d.verifyExport.export),
    ),
  ],
  [
    'what retryExport is refused for',
    over(
      'mutation ($id: ID!) { retryExport(input: { id: $id, clientToken: "again" }) { export { id } userErrors { code message field remedy } } }',
      (data) => !JSON.stringify(data).includes('NO_SUCH_EXPORT'),
    ),
  ],
];

describe.each(WAYS)('by %s', (_name, way) => {
  test('everybody sees what the policies let them, and of the rest what they see of one that is not there', async () => {
    for (const person of PEOPLE) {
      const absent = await way(person, ABSENT);
      expect(absent.seen).toBe(false);
      for (const { id, requester } of EXPORTS) {
        const { seen, answer } = await way(person, id);
        expect([person, id, seen]).toEqual([person, id, maySee(person, requester)]);
        if (!seen) expect(JSON.stringify(answer).replaceAll(id, ABSENT)).toBe(JSON.stringify(absent.answer));
      }
    }
  });
});

test('accounts, tables and a table are shown to those who may see them, to all others as if there were none', async () => {
  const query = `query ($table: String!) {
    accounts { account } table(tableArn: $table) { tableName }
    tables(account: "111122223333", region: "eu-central-1", first: 100) { nodes { tableName } pageInfo { hasNextPage endCursor } } }`;
  const [there, absent] = [await plane.createTable('invoices'), tableArnOf('nothing')];
  for (const person of PEOPLE) {
    const asked = async (table: string) => (await plane.query(tokens[person] ?? '', query, { table })).body;
    const { accounts, table, tables } = (await asked(there)).data;
    if (person === 'pam') {
      expect(table).toEqual({ tableName: 'invoices' });
      expect(tables.nodes).toContainEqual({ tableName: 'invoices' });
    } else {
      expect({ accounts, tables }).toEqual({
        accounts: [],
        tables: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } },
      });
      expect(JSON.stringify(await asked(there))).toBe(JSON.stringify(await asked(absent)));
    }
  }
  await plane.dynamodb.send(new DeleteTableCommand({ TableName: 'invoices' }));
});

test('the audit of an export is told to those who may read the audit, to all others that there is none', async () => {
  const way = over(
    'query ($id: ID!) { auditEvents(first: 100, filter: { exportId: $id }) { nodes { id } pageInfo { hasNextPage endCursor } } }',
    has((d) => d.auditEvents.nodes[0]),
  );
  for (const person of PEOPLE) {
    const absent = await way(person, 'exp_000');
    for (const { id } of EXPORTS) {
      const { seen, answer } = await way(person, id);
      expect([person, seen]).toEqual([person, person === 'pam']);
      if (!seen) expect(answer).toEqual(absent.answer);
    }
  }
});
