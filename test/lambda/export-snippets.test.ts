import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  type AttributeValue,
  DeleteItemCommand,
  DescribeImportCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startControlPlane, type TestControlPlane, tableArnOf } from '../support/control-plane.ts';
import { reconcileToTheEnd } from '../support/reconcile-run.ts';

const run = promisify(execFile);
const hasCli = spawnSync('aws', ['--version']).status === 0;
const hasPython = spawnSync('python3', ['--version']).status === 0;

const MINUTE_MS = 60_000;

/** Names that want quotes in one language or another, and such as differ in case alone. */
const HOSTILE = [
  'order',
  'Order',
  "it's",
  'say "hi"',
  'back`tick',
  'back\\slash',
  'a/b~c',
  'line\nbreak',
  '日本語',
  '$.x',
  's',
  'N',
];

const ITEMS: Array<Record<string, AttributeValue>> = Array.from({ length: 12 }, (_, n) => ({
  pk: { S: `item-${n}` },
  total: { N: String(n * 1.5) },
  paid: { BOOL: n % 2 === 0 },
  raw: { B: Buffer.from([n, 255]) },
  tags: { SS: ['a', `t${n}`] },
  mixed: n % 3 === 0 ? { N: '1' } : { S: 'one' },
  address: { M: { city: { S: 'Łódź' }, zip: { N: String(n) } } },
  lines: { L: [{ M: { sku: { S: 'x' } } }] },
  ...Object.fromEntries(HOSTILE.map((name) => [name, { S: `${name} of ${n}` }])),
  ...(n < 3 && { rare: { S: 'seldom' } }),
}));

/** So far behind that a window of increments has passed when the clock of the test has caught up. */
let clockMs = Date.now() - 25 * MINUTE_MS;
let plane: TestControlPlane;
let token: string;
let scratch: string;
const exportIds: Record<string, string> = {};

beforeAll(async () => {
  plane = await startControlPlane({}, { now: () => clockMs });
  scratch = await mkdtemp(path.join(tmpdir(), 'outport-snippets-'));
  token = await plane.issuer.token('pam', ['platform']);
  await plane.createTable('orders', { items: 0 });
  await plane.createBucket('lake');
  for (const Item of ITEMS) await plane.dynamodb.send(new PutItemCommand({ TableName: 'orders', Item }));
  const from = new Date(Math.ceil(clockMs / 1000) * 1000);
  clockMs += MINUTE_MS;
  const changed = { ...ITEMS[0], pk: { S: 'item-0' }, total: { N: '99' } };
  await plane.dynamodb.send(new PutItemCommand({ TableName: 'orders', Item: changed }));
  await plane.dynamodb.send(new DeleteItemCommand({ TableName: 'orders', Key: { pk: { S: 'item-11' } } }));
  clockMs = Date.now();
  const window = { exportFromTime: from, exportToTime: new Date(from.getTime() + 16 * MINUTE_MS) };
  for (const exportFormat of ['DYNAMODB_JSON', 'ION']) {
    exportIds[`FULL ${exportFormat}`] = await exportOrders({ exportFormat });
    exportIds[`INCREMENTAL ${exportFormat}`] = await exportOrders({
      exportFormat,
      exportType: 'INCREMENTAL_EXPORT',
      incrementalExport: window,
    });
  }
}, 60_000);
afterAll(async () => {
  await plane.close();
  await rm(scratch, { recursive: true });
});

async function exportOrders(input: Record<string, unknown>): Promise<string> {
  const prefix = `it's "here"/${Object.values(input).slice(0, 2).join('-')}`;
  const { body } = await plane.query(
    token,
    'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } userErrors { message } } }',
    {
      input: {
        ...input,
        clientToken: randomUUID(),
        tableArn: tableArnOf('orders'),
        destination: { bucket: 'lake', prefix },
      },
    },
  );
  expect(body.data.exportTable.userErrors).toEqual([]);
  const { id } = body.data.exportTable.export;
  expect(await reconcileToTheEnd(plane.outport, id)).toMatchObject({ status: 'COMPLETED' });
  return id;
}

interface Look {
  preview: {
    items: Array<Record<string, Record<string, unknown>>>;
    deletedKeys: unknown[];
    attributes: Array<{ name: string; types: string[]; share: number }>;
    itemsRead: number;
  };
  snippets: Array<{ tool: string; title: string; language: string; text: string; note: string | null }>;
}

async function look(kind: string, asWhom = token): Promise<Look> {
  const { body } = await plane.query(
    asWhom,
    `query ($id: ID!) { export(id: $id) {
       preview(first: 5) { items deletedKeys attributes { name types share } itemsRead }
       snippets { tool title language text note } } }`,
    { id: exportIds[kind] },
  );
  expect(body.errors).toBeUndefined();
  return body.data.export;
}

async function snippet(kind: string, tool: string): Promise<string> {
  const found = (await look(kind)).snippets.find((each) => each.tool === tool);
  if (!found) throw new Error(`there is no snippet for ${tool}`);
  return found.text;
}

const KINDS = ['FULL DYNAMODB_JSON', 'INCREMENTAL DYNAMODB_JSON', 'FULL ION', 'INCREMENTAL ION'];

describe('the preview', () => {
  test.each(['DYNAMODB_JSON', 'ION'])('of a full export in %s shows items and what they have', async (format) => {
    const { items, deletedKeys, attributes, itemsRead } = (await look(`FULL ${format}`)).preview;
    expect(itemsRead).toBe(11);
    expect(items).toHaveLength(5);
    expect(deletedKeys).toEqual([]);
    const [shown] = items.filter(({ pk }) => pk?.S !== 'item-0');
    const n = Number(String(shown?.pk?.S).slice('item-'.length));
    expect(shown).toMatchObject({
      total: { N: String(n * 1.5) },
      paid: { BOOL: n % 2 === 0 },
      raw: { B: Buffer.from([n, 255]).toString('base64') },
      address: { M: { city: { S: 'Łódź' }, zip: { N: String(n) } } },
    });
    const profile = new Map(attributes.map(({ name, ...rest }) => [name, rest]));
    expect(profile.get('pk')).toEqual({ types: ['S'], share: 1 });
    expect(profile.get('mixed')).toEqual({ types: ['S', 'N'], share: 1 });
    expect(profile.get('rare')?.share).toBeCloseTo(3 / 11);
    expect([...profile.keys()].at(-1)).toBe('rare');
  });

  test.each(['DYNAMODB_JSON', 'ION'])(
    'of an incremental export in %s shows what changed and what is gone',
    async (format) => {
      const { items, deletedKeys, itemsRead } = (await look(`INCREMENTAL ${format}`)).preview;
      expect(itemsRead).toBe(2);
      expect(items).toMatchObject([{ pk: { S: 'item-0' }, total: { N: '99' }, order: { S: 'order of 0' } }]);
      expect(deletedKeys).toEqual([{ pk: { S: 'item-11' } }]);
    },
  );

  test('and the snippets of one request are one read in the audit', async () => {
    await look('FULL ION');
    const { body } = await plane.query(
      token,
      '{ auditEvents(first: 2, filter: { eventName: "ReadExportData" }) { nodes { requestId exportId input } } }',
    );
    const [last, before] = body.data.auditEvents.nodes;
    expect(last).toMatchObject({ exportId: exportIds['FULL ION'], input: '{"preview":true}' });
    expect(before.requestId).not.toBe(last.requestId);
  });

  test('is of nobody who may not read the data, and that they asked is in the audit', async () => {
    const viewer = await plane.issuer.token('dan', []);
    const { body } = await plane.query(
      viewer,
      'query ($id: ID!) { export(id: $id) { preview(first: 1) { itemsRead } } }',
      {
        id: exportIds['FULL ION'],
      },
    );
    expect(body.data).toEqual({ export: null });
  });
});

describe('DuckDB runs its snippet', () => {
  /** The bucket as a folder, and the snippet with the folder instead of the bucket. */
  async function rowsOf(kind: string) {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const folder = path.join(scratch, 'lake');
    await downloadAll(folder);
    const text = (await snippet(kind, 'DUCKDB')).replaceAll('s3://lake/', `${folder}/`);
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    try {
      return (await connection.runAndReadAll(text)).getRowObjectsJson();
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }

  test('on a full export: every attribute is a column, whatever it is called', async () => {
    const rows = await rowsOf('FULL DYNAMODB_JSON');
    expect(rows).toHaveLength(11);
    const row = rows.find(({ pk }) => pk === 'item-4');
    expect(row).toMatchObject({ total: 6, paid: true, tags: '["a","t4"]', mixed: '{"S":"one"}' });
    expect(JSON.parse(String(row?.address))).toEqual({ city: { S: 'Łódź' }, zip: { N: '4' } });
    for (const name of HOSTILE.filter((each) => each !== 'Order' && each !== 'order')) {
      expect([name, row?.[name]]).toEqual([name, `${name} of 4`]);
    }
  });

  test('on an incremental export: with deletions and the time of every change', async () => {
    const rows = await rowsOf('INCREMENTAL DYNAMODB_JSON');
    expect(rows).toHaveLength(2);
    const byKey = new Map(rows.map((row) => [row.pk, row]));
    expect(byKey.get('item-0')).toMatchObject({ total: 99, _deleted: false });
    expect(byKey.get('item-11')).toMatchObject({ total: null, _deleted: true });
  });
});

async function downloadAll(folder: string): Promise<void> {
  const { Contents = [] } = await plane.s3.send(new ListObjectsV2Command({ Bucket: 'lake' }));
  for (const { Key = '' } of Contents) {
    const { Body } = await plane.s3.send(new GetObjectCommand({ Bucket: 'lake', Key }));
    const file = path.join(folder, Key);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, (await Body?.transformToByteArray()) ?? '');
  }
}

/** Runs a text as whoever pastes it into a shell. */
async function paste(text: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', text], {
    cwd: scratch,
    env: {
      PATH: process.env.PATH,
      HOME: scratch,
      AWS_ENDPOINT_URL: plane.endpoint,
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_SECRET_ACCESS_KEY: 'outport',
      AWS_PAGER: '',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  return stdout;
}

describe.skipIf(!hasCli)('the AWS CLI (skipped where it is not installed) runs the snippet that', () => {
  test.each(KINDS)('downloads the data files of a %s export', async (kind) => {
    const { body } = await plane.query(
      token,
      'query ($id: ID!) { export(id: $id) { exportArn files(first: 100) { nodes { key } } } }',
      { id: exportIds[kind] },
    );
    const { exportArn, files } = body.data.export;
    await paste(await snippet(kind, 'AWS_CLI'));
    const downloaded = await readdir(path.join(scratch, exportArn.split('/').at(-1)), { recursive: true });
    const names = new Set(downloaded.map((file) => path.basename(file)));
    expect(files.nodes.filter(({ key }: { key: string }) => !names.has(path.basename(key)))).toEqual([]);
  });

  test('describes the export', async () => {
    const texts = (await look('FULL ION')).snippets.filter(({ tool }) => tool === 'AWS_CLI').map(({ text }) => text);
    expect(JSON.parse(await paste(texts[1] ?? '')).ExportDescription).toMatchObject({ ExportStatus: 'COMPLETED' });
  });

  test.each(['DYNAMODB_JSON', 'ION'])('imports a full export in %s into a new table', async (format) => {
    const text = (await snippet(`FULL ${format}`, 'IMPORT_TABLE')).replace('"orders-copy"', `"orders-${format}"`);
    const imported = await untilImported(JSON.parse(await paste(text)).ImportTableDescription.ImportArn);
    expect(imported).toMatchObject({ ImportStatus: 'COMPLETED', ImportedItemCount: 11 });
    const { Count } = await plane.dynamodb.send(new ScanCommand({ TableName: `orders-${format}` }));
    expect(Count).toBe(11);
  });

  test.each(KINDS)("takes Glue's input for a %s export as it is", async (kind) => {
    const file = path.join(scratch, 'table.json');
    await writeFile(file, await snippet(kind, 'GLUE'));
    // Validates the input against the model of the API, and sends nothing.
    await paste(`aws glue create-table --cli-input-json file://table.json --generate-cli-skeleton output`);
    const { TableInput } = JSON.parse(await readFile(file, 'utf8'));
    expect(TableInput.StorageDescriptor.Location).toMatch(/^s3:\/\/lake\/it's "here"\/.*\/data\/$/);
  });
});

async function untilImported(ImportArn: string) {
  for (;;) {
    const { ImportTableDescription } = await plane.dynamodb.send(new DescribeImportCommand({ ImportArn }));
    if (ImportTableDescription?.ImportStatus !== 'IN_PROGRESS') return ImportTableDescription;
  }
}

describe.skipIf(!hasPython)('Python (skipped where it is not installed)', () => {
  test.each(['FULL DYNAMODB_JSON', 'INCREMENTAL DYNAMODB_JSON'])('takes the snippet for a %s export', async (kind) => {
    const file = path.join(scratch, 'spark.py');
    await writeFile(file, await snippet(kind, 'SPARK'));
    await run('python3', ['-c', 'import ast, sys; ast.parse(open(sys.argv[1]).read())', file]);
  });
});

test('Athena is given one column an attribute, whose names it knows, mapped to those of the items', async () => {
  const ddl = async (kind: string) => (await snippet(kind, 'ATHENA')).replaceAll(/\d{14}([-_])[0-9a-f]{8}/g, 'ID');
  expect(await ddl('FULL DYNAMODB_JSON')).toMatchSnapshot('full, JSON');
  expect(await ddl('INCREMENTAL ION')).toMatchSnapshot('incremental, Ion');
});

test('an export in Ion has no snippets for tools that read none, and an increment none to import it', async () => {
  const tools = async (kind: string) => [...new Set((await look(kind)).snippets.map(({ tool }) => tool))];
  expect(await tools('FULL ION')).toEqual(['ATHENA', 'GLUE', 'IMPORT_TABLE', 'AWS_CLI']);
  expect(await tools('INCREMENTAL DYNAMODB_JSON')).toEqual(['ATHENA', 'GLUE', 'DUCKDB', 'SPARK', 'AWS_CLI']);
});
