import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { DynamoDBClient, ListExportsCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { verifyAudit } from '../../src/cli/verify-audit.ts';
import { createOutportClient, OutportError } from '../../src/client/index.ts';
import { AUDIT_CHAINS, type AuditRecord, linked } from '../../src/records/audit-chain.ts';
import type { AuditEvent } from '../../src/records/audit-event.ts';
import { appendAuditEvent, readAuditChain } from '../../src/records/audit-records.ts';
import { readExport } from '../../src/records/export-records.ts';
import type { RecordsTable } from '../../src/records/table.ts';
import { exportIdOf } from '../../src/services/export-id.ts';
import { exportTable } from '../../src/services/export-table.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { reconcileAllAccounts, reconcileToTheEnd } from '../support/reconcile-run.ts';

let plane: TestControlPlane;
let platform: string;
let tableArn: string;
let server: Server;
let url: string;
let directory: string;

beforeAll(async () => {
  plane = await startControlPlane();
  platform = await plane.issuer.token('ann', ['platform'], { name: 'Ann' });
  tableArn = await plane.createTable('cities');
  await plane.createBucket('exports');
  directory = await mkdtemp(path.join(tmpdir(), 'outport-test-'));
  server = createServer(async (request, response) => {
    const { authorization = '' } = request.headers;
    const answer = await plane.send(await text(request), { authorization });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});
afterAll(async () => {
  server.close();
  await plane.close();
  await rm(directory, { recursive: true, force: true });
});

async function startExport(token = platform): Promise<string> {
  const { body } = await plane.query(
    token,
    'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } } }',
    { input: { clientToken: randomUUID(), tableArn, destination: { bucket: 'exports' } } },
  );
  return body.data.exportTable.export?.id;
}

interface ListArguments {
  readonly first?: number;
  readonly after?: string;
  readonly filter?: Record<string, unknown>;
  readonly orderBy?: 'EVENT_TIME_ASC' | 'EVENT_TIME_DESC';
}

async function listEvents(args: ListArguments, token = platform) {
  const { body } = await plane.query(
    token,
    `query ($first: Int!, $after: String, $filter: AuditEventFilter, $orderBy: AuditEventOrder) {
       auditEvents(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
         ingestedThrough
         nodes { id eventTime source eventName outcome principal tableArn exportId input }
         pageInfo { hasNextPage endCursor } } }`,
    { first: 100, orderBy: 'EVENT_TIME_DESC', ...args },
  );
  return body;
}

const eventsOf = async (args: ListArguments, token = platform): Promise<AuditEvent[]> =>
  (await listEvents(args, token)).data.auditEvents.nodes;

const eventNamed = (id: string, over: Partial<AuditEvent> = {}): AuditEvent => ({
  id,
  eventTime: '2026-01-01T00:00:00.000Z',
  source: 'OUTPORT',
  eventName: 'ExportTable',
  outcome: 'REQUESTED',
  issuer: null,
  principal: 'ann',
  principalName: null,
  sourceIpAddress: null,
  userAgent: null,
  requestId: null,
  tableArn,
  exportId: 'exp_chained',
  exportArn: null,
  input: null,
  decision: null,
  policyIds: [],
  errorCode: null,
  errorMessage: null,
  ...over,
});

async function allRecords(): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (let chain = 0; chain < AUDIT_CHAINS; chain += 1) {
    records.push(...(await readAuditChain(plane.outport.table, { chain, after: 0, first: 1_000 })).records);
  }
  return records;
}

async function verify(heads: string | null = null, token = platform) {
  const printed: string[] = [];
  const asWritten = await verifyAudit(createOutportClient({ url, token }), heads, (line) => printed.push(line));
  return { asWritten, printed };
}

describe('the chains', () => {
  test('take what is appended at once by many, each event once', async () => {
    const ids = Array.from({ length: 10 }, (_, index) => `concurrent-${index}`);
    // Only appends to one and the same table object take turns: these race, as those of many processes do.
    const racing = [...ids, ...ids].map((id) => appendAuditEvent({ ...plane.outport.table }, eventNamed(id)));
    await Promise.all(racing);
    for (const id of ids) await appendAuditEvent(plane.outport.table, eventNamed(id, { outcome: 'REFUSED' }));

    const events = (await allRecords()).filter(({ id }) => id.startsWith('concurrent-'));
    expect(events.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(new Set(events.map(({ chain }) => chain)).size).toBe(1);
    expect((await verify()).asWritten).toBe(true);
  });

  test('are read once for what one process appends at once, and again when another has been there', async () => {
    const sent: string[] = [];
    const client = new DynamoDBClient();
    client.middlewareStack.add(
      (next, context) => (args) => {
        sent.push(String(context.commandName));
        return next(args);
      },
      { step: 'initialize', name: 'list-calls' },
    );
    const own = { ...plane.outport.table, client: DynamoDBDocumentClient.from(client) };
    const append = async (table: RecordsTable, id: string) => {
      sent.length = 0;
      await appendAuditEvent(table, eventNamed(id, { exportId: 'exp_in_turn' }));
      return sent.map((command) => command.replace(/Command$/, ''));
    };
    expect(await append(own, 'turn-1')).toEqual(['Query', 'TransactWriteItems']);
    expect(await append(own, 'turn-2')).toEqual(['TransactWriteItems']);
    await append({ ...plane.outport.table }, 'turn-3');
    expect(await append(own, 'turn-4')).toEqual(['TransactWriteItems', 'Query', 'TransactWriteItems']);
    expect(await append(own, 'turn-1')).toEqual(['TransactWriteItems']);
    expect(await append(own, 'turn-5')).toEqual(['TransactWriteItems']);
    const ids = (await allRecords()).filter(({ exportId }) => exportId === 'exp_in_turn').map(({ id }) => id);
    expect(ids).toEqual(['turn-1', 'turn-2', 'turn-3', 'turn-4', 'turn-5']);
    expect((await verify()).asWritten).toBe(true);
  });

  test('hold text that is no UTF-8, and ids longer than a key', async () => {
    const id = `long-${'x'.repeat(3_000)}`;
    const odd = eventNamed(id, { principal: '\ud800', exportId: id, errorMessage: 'half of \udc00', tableArn: id });
    await appendAuditEvent(plane.outport.table, odd);
    await appendAuditEvent(plane.outport.table, odd);
    expect((await allRecords()).filter((record) => record.id === id)).toHaveLength(1);
    expect((await verify()).asWritten).toBe(true);
  });
});

describe('an attempt that cannot be recorded', () => {
  test('has no effect', async () => {
    const { table } = plane.outport;
    const client = DynamoDBDocumentClient.from(new DynamoDBClient());
    client.middlewareStack.add(
      (next) => async (args) => {
        if (JSON.stringify(args.input).includes('"AUDIT_EVENT"')) throw new Error('the audit is out of order');
        return next(args);
      },
      { step: 'initialize' },
    );
    const ann = { issuer: 'i', subject: 'ann', name: null, teams: ['platform'], expiresAtSeconds: 4_000_000_000 };
    const clientToken = randomUUID();
    const input = { clientToken, tableArn, destination: { bucket: 'exports' }, exportFormat: 'ION' } as const;
    const origin = { requestId: 'r', sourceIpAddress: '192.0.2.7', userAgent: null };
    const request = exportTable({ ...plane.outport, table: { ...table, client } }, ann, origin, input);
    await expect(request).rejects.toThrow('the audit is out of order');
    expect(await readExport(table, exportIdOf('i', 'ann', clientToken))).toBeNull();
    const { ExportSummaries } = await plane.dynamodb.send(new ListExportsCommand({ TableArn: tableArn }));
    expect(ExportSummaries).toEqual([]);
  });
});

describe('outport audit verify', () => {
  /** The items of a chain of its own, as DynamoDB holds them. */
  let items: Array<Record<string, unknown>>;
  const chainEvents = ['one', 'two', 'three', 'four', 'five'];

  async function writeChain() {
    const { table } = plane.outport;
    for (const name of chainEvents) await appendAuditEvent(table, eventNamed(`verified-${name}`));
    const record = (await allRecords()).find(({ id }) => id === 'verified-one');
    const pk = `AUDIT_CHAIN#${String(record?.chain).padStart(2, '0')}`;
    const { Items = [] } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
      }),
    );
    items = Items.filter(({ id }) => String(id).startsWith('verified-'));
  }
  const put = (item: Record<string, unknown>) =>
    plane.outport.table.client.send(new PutCommand({ TableName: plane.outport.table.name, Item: item }));
  const remove = ({ pk, sk }: Record<string, unknown>) =>
    plane.outport.table.client.send(new DeleteCommand({ TableName: plane.outport.table.name, Key: { pk, sk } }));
  const item = (index: number) => items[index] ?? expect.fail(`no record ${index}`);
  const place = (index: number) => `chain ${item(index).chain}, record ${item(index).sequence} `;

  beforeAll(writeChain);
  afterEach(async () => {
    for (const each of items) await put(each);
    expect((await verify()).asWritten).toBe(true);
  });

  test('finds nothing in what was only appended to, and reads all of it', async () => {
    const { asWritten, printed } = await verify();
    expect(asWritten).toBe(true);
    expect(printed).toEqual([expect.stringMatching(/^\d+ records in 16 chains: every one as it was written\.$/)]);
  });

  test('finds one byte that was changed', async () => {
    await put({ ...item(2), principal: 'anm' });
    const { asWritten, printed } = await verify();
    expect(asWritten).toBe(false);
    expect(printed.slice(0, -1)).toEqual([
      `${place(2)}(ExportTable, verified-three): its hash is not that of its content`,
    ]);
  });

  test('finds a record that was removed', async () => {
    await remove(item(2));
    const { asWritten, printed } = await verify();
    expect(asWritten).toBe(false);
    expect(printed.slice(0, -1)).toEqual([
      `${place(3)}(ExportTable, verified-four): record ${item(2).sequence} is missing before it`,
    ]);
  });

  test('finds two records that were swapped', async () => {
    const [one, other] = [item(1), item(2)];
    await put({ ...other, sk: one.sk });
    await put({ ...one, sk: other.sk });
    const { asWritten, printed } = await verify();
    expect(asWritten).toBe(false);
    expect(printed.join('\n')).toContain(`${place(1)}(ExportTable, verified-two): `);
    expect(printed.join('\n')).toContain(`${place(2)}(ExportTable, verified-three): `);
  });

  test('finds a record that was written over another', async () => {
    await put({ ...item(1), sk: item(2).sk, sequence: item(2).sequence });
    const { asWritten, printed } = await verify();
    expect(asWritten).toBe(false);
    expect(printed[0]).toContain(`${place(2)}(ExportTable, verified-two): `);
  });

  test('finds that the end was cut off or made anew by what it remembers, as nothing else could', async () => {
    const heads = path.join(directory, `${randomUUID()}.json`);
    expect((await verify(heads)).asWritten).toBe(true);
    expect((await verify(heads)).asWritten).toBe(true);

    await remove(item(4));
    expect((await verify()).asWritten).toBe(true);
    const cut = await verify(heads);
    expect(cut.asWritten).toBe(false);
    expect(cut.printed[0]).toBe(`chain ${item(4).chain}: record ${item(4).sequence}, which was its last, is gone`);

    const before = (await allRecords()).find(({ id }) => id === 'verified-four') ?? expect.fail('no record');
    await put({ ...item(4), ...linked(eventNamed('verified-five', { principal: 'nobody' }), before) });
    expect((await verify()).asWritten).toBe(true);
    const anew = await verify(heads);
    expect(anew.asWritten).toBe(false);
    expect(anew.printed[0]).toBe(`${place(4)}(ExportTable, verified-five): it is not the record that was here before`);
  });

  test('cannot be run by who may not read the audit, or without a server', async () => {
    const bob = await plane.issuer.token('bob', ['data']);
    await expect(verify(null, bob)).rejects.toThrow('does not permit reading the audit');
    const denied = (await allRecords()).filter(({ principal, decision }) => principal === 'bob' && decision === 'DENY');
    expect(denied).toMatchObject([{ eventName: 'ViewAudit', policyIds: [] }]);
    await expect(verify(null, 'junk')).rejects.toThrow(OutportError);
    const nowhere = verifyAudit(createOutportClient({ url: 'http://127.0.0.1:1/graphql', token: platform }), null);
    await expect(nowhere).rejects.toThrow('cannot be reached');
  });
});

describe('auditEvents', () => {
  test("tell an export's whole story, oldest first, with what CloudTrail saw", async () => {
    const id = await startExport();
    await reconcileToTheEnd(plane.outport, id);
    await reconcileAllAccounts(plane.outport);
    await reconcileAllAccounts(plane.outport);

    const story = await listEvents({ filter: { exportId: id }, orderBy: 'EVENT_TIME_ASC' });
    const { nodes, ingestedThrough } = story.data.auditEvents;
    const ours = nodes.filter(({ source }: AuditEvent) => source === 'OUTPORT');
    expect(ours.map(({ outcome }: AuditEvent) => outcome)).toEqual(['REQUESTED', 'IN_PROGRESS', 'COMPLETED']);
    const theirs = nodes.filter(({ source }: AuditEvent) => source === 'CLOUDTRAIL');
    expect(theirs.filter(({ eventName }: AuditEvent) => eventName === 'ExportTableToPointInTime')).toHaveLength(1);
    expect(theirs.some(({ eventName }: AuditEvent) => eventName === 'DescribeExport')).toBe(true);
    expect(nodes.every((event: AuditEvent) => event.tableArn === tableArn)).toBe(true);
    expect(new Set(nodes.map((event: AuditEvent) => event.id)).size).toBe(nodes.length);
    const times = nodes.map(({ eventTime }: AuditEvent) => eventTime);
    expect(times).toEqual(times.toSorted());
    expect(Date.parse(ingestedThrough)).toBeGreaterThanOrEqual(Date.parse(times.at(-1)));

    const backwards = await eventsOf({ filter: { exportId: id } });
    expect(backwards.toReversed()).toEqual(nodes);
  });

  test('of one millisecond are in the order in which they were recorded', async () => {
    const outcomes = ['REQUESTED', 'QUEUED', 'IN_PROGRESS', 'COMPLETED'] as const;
    for (const outcome of outcomes) {
      await appendAuditEvent(plane.outport.table, eventNamed(randomUUID(), { outcome, exportId: 'exp_instant' }));
    }
    const events = await eventsOf({ filter: { exportId: 'exp_instant' }, orderBy: 'EVENT_TIME_ASC' });
    expect(events.map(({ outcome }) => outcome)).toEqual(outcomes);
  });

  test('are filtered by everything together, page by page, in both orders', async () => {
    const events = Array.from({ length: 24 }, (_, index) =>
      eventNamed(`listed-${index}`, {
        eventTime: new Date(Date.UTC(2025, 0, 1, 0, 0, Math.floor(index / 3))).toISOString(),
        source: index % 2 ? 'CLOUDTRAIL' : 'OUTPORT',
        eventName: index % 3 ? 'CancelExport' : 'ExportTable',
        outcome: index % 4 ? 'REFUSED' : 'REQUESTED',
        principal: index % 5 ? 'cid' : 'dora',
        exportId: `exp_listed${index % 2}`,
      }),
    );
    for (const event of events) await appendAuditEvent(plane.outport.table, event);
    const within = { from: '2025-01-01T00:00:00Z', before: '2025-01-01T00:00:08Z' };
    const filters: Array<[Record<string, unknown>, (event: AuditEvent) => boolean]> = [
      [{ ...within }, () => true],
      [{ ...within, source: 'CLOUDTRAIL' }, ({ source }) => source === 'CLOUDTRAIL'],
      [{ ...within, eventName: 'CancelExport' }, ({ eventName }) => eventName === 'CancelExport'],
      [{ ...within, outcome: 'REQUESTED' }, ({ outcome }) => outcome === 'REQUESTED'],
      [{ ...within, principal: 'dora' }, ({ principal }) => principal === 'dora'],
      [{ ...within, exportId: 'exp_listed1' }, ({ exportId }) => exportId === 'exp_listed1'],
      [{ ...within, tableArn, principal: 'cid' }, ({ principal }) => principal === 'cid'],
      [{ ...within, before: '2025-01-01T00:00:03Z' }, ({ eventTime }) => eventTime < '2025-01-01T00:00:03'],
      [{ ...within, from: '2025-01-01T00:00:03Z', tableArn }, ({ eventTime }) => eventTime >= '2025-01-01T00:00:03'],
    ];
    for (const [filter, fits] of filters) {
      for (const orderBy of ['EVENT_TIME_ASC', 'EVENT_TIME_DESC'] as const) {
        const listed: AuditEvent[] = [];
        let after: string | undefined;
        do {
          const page = (await listEvents({ first: 5, filter, orderBy, ...(after && { after }) })).data.auditEvents;
          listed.push(...page.nodes);
          after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined;
        } while (after);
        const times = listed.map(({ eventTime }) => eventTime);
        expect(times).toEqual(orderBy === 'EVENT_TIME_ASC' ? times.toSorted() : times.toSorted().toReversed());
        const expected = events.filter(fits).map(({ id }) => id);
        expect(listed.map(({ id }) => id).sort()).toEqual(expected.sort());
      }
    }
  });

  test('take a cursor only with the filter and the order that it is from', async () => {
    const args = { first: 1, filter: { principal: 'cid' } };
    const { endCursor: after } = (await listEvents(args)).data.auditEvents.pageInfo;
    expect((await listEvents({ ...args, after })).data.auditEvents.nodes).toHaveLength(1);
    for (const other of [{ filter: { principal: 'dora' } }, { orderBy: 'EVENT_TIME_ASC' as const }]) {
      const { errors } = await listEvents({ ...args, after, ...other });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });

  test('are read by nobody unseen: one event a read', async () => {
    const reads = async () => eventsOf({ filter: { eventName: 'ViewAudit', principal: 'eve' } });
    const eve = await plane.issuer.token('eve', ['marketing']);
    expect(await eventsOf({ filter: { exportId: 'exp_instant' } }, eve)).toEqual([]);
    expect(await reads()).toMatchObject([{ outcome: 'REQUESTED', tableArn: null, exportId: null }]);
    expect(JSON.parse((await reads())[0]?.input ?? '')).toMatchObject({ exportId: 'exp_instant', first: 100 });
    await plane.query(eve, '{ auditChain(chain: 3, first: 1) { hasNextPage } }');
    expect(await reads()).toHaveLength(2);
  });

  test('refuse chains and pages that there are not', async () => {
    for (const args of ['chain: -1, first: 1', 'chain: 16, first: 1', 'chain: 0, first: 101', 'chain: 0, first: 0']) {
      const { body } = await plane.query(platform, `{ auditChain(${args}) { hasNextPage } }`);
      expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });
});
