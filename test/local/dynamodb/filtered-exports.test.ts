import {
  type AttributeValue,
  BatchWriteItemCommand,
  DeleteItemCommand,
  type FilterSpecification,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { ended, readExport, startExport } from './support/exported.ts';
import { createTable, enableRecovery, startWithBucket } from './support/local-dynamodb.ts';

type Item = Record<string, AttributeValue>;

let nowMs = Date.parse('2026-11-01T10:00:00Z');
const { client, s3, close } = await startWithBucket('exports', { now: () => nowMs });
afterAll(close);

const partitions = ['a', 'b', 'ü', '😀', '￿'];
const text = fc.oneof(fc.constantFrom(...partitions, ''), fc.string({ unit: 'grapheme', maxLength: 4 }));
const number = fc.integer({ min: -20, max: 20 }).map((n) => String(n / 4));
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  text.map((S) => ({ S })),
  number.map((N) => ({ N })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => ({ B: Uint8Array.from(bytes) })),
  fc.uniqueArray(number, { minLength: 1, maxLength: 3 }).map((NS) => ({ NS })),
  fc
    .array(
      number.map((N) => ({ N })),
      { maxLength: 3 },
    )
    .map((L) => ({ L })),
  text.map((S) => ({ M: { inner: { S }, list: { L: [{ S }, { S: 'x' }] } } })),
  fc.constant({ NULL: true as const }),
);
const items: fc.Arbitrary<Item[]> = fc.uniqueArray(
  fc.record(
    {
      pk: fc.constantFrom(...partitions).map((S) => ({ S })),
      sk: number.map((N) => ({ N })),
      a: value,
      b: value,
      '1': value,
    },
    { requiredKeys: ['pk', 'sk'] },
  ),
  { selector: ({ pk, sk }) => `${pk.S} ${sk.N}`, minLength: 1, maxLength: 25 },
);

const comparison = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');
const attribute = fc.constantFrom('a', 'b', '#one', 'a.inner', 'a.#list[1]');
const condition = fc.oneof(
  fc.tuple(attribute, comparison).map(([path, operator]) => `${path} ${operator} :v`),
  attribute.map((path) => `attribute_exists(${path}) AND NOT attribute_type(${path}, :v)`),
  attribute.map((path) => `size(${path}) > :n OR ${path} IN (:v, :n)`),
  attribute.map((path) => `contains(${path}, :v) OR begins_with(${path}, :v)`),
  attribute.map((path) => `${path} BETWEEN :n AND :n`),
);
const keyCondition = fc.constantFrom('', ' AND sk = :n', ' AND sk < :n', ' AND sk >= :n', ' AND sk BETWEEN :n AND :m');
const projection = fc
  .subarray(['pk', 'a', '#one', 'b.inner', 'b.#list[1]'], { minLength: 1 })
  .map((paths) => paths.join());

/** A specification that has of the names and values only those that it uses, as it must. */
const filters: fc.Arbitrary<FilterSpecification> = fc
  .record({
    filter: fc.option(condition, { nil: undefined }),
    keys: fc.option(keyCondition, { nil: undefined }),
    projection: fc.option(projection, { nil: undefined }),
    pk: fc.constantFrom(...partitions),
    v: fc.oneof<fc.Arbitrary<AttributeValue>[]>(
      text.map((S) => ({ S })),
      number.map((N) => ({ N })),
    ),
    n: number,
    m: number,
  })
  .filter(({ filter, keys, projection }) => filter !== undefined || keys !== undefined || projection !== undefined)
  .map(({ filter, keys, projection, pk, v, n, m }) => {
    const expressions = {
      ...(filter !== undefined && { FilterExpression: filter }),
      ...(keys !== undefined && { KeyConditionExpression: `pk = :pk${keys}` }),
      ...(projection !== undefined && { ProjectionExpression: projection }),
    };
    const used = (placeholder: string) =>
      Object.values(expressions).some((expression) => new RegExp(`${placeholder}\\b`).test(expression));
    const low = Math.min(Number(n), Number(m));
    const values = Object.entries<AttributeValue>({
      ':pk': { S: pk },
      ':v': v,
      ':n': { N: String(low) },
      ':m': { N: String(low + 3) },
    });
    const names = Object.entries({ '#one': '1', '#list': 'list' });
    const usedValues = values.filter(([placeholder]) => used(placeholder));
    const usedNames = names.filter(([placeholder]) => used(placeholder));
    return {
      ...expressions,
      ...(usedValues.length > 0 && { ExpressionAttributeValues: Object.fromEntries(usedValues) }),
      ...(usedNames.length > 0 && { ExpressionAttributeNames: Object.fromEntries(usedNames) }),
    };
  });

async function write(TableName: string, all: readonly Item[]): Promise<void> {
  const requests = all.map((Item) => ({ PutRequest: { Item } }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
}

/** What Scan or Query answers; a refusal is its message. */
async function read(TableName: string, filter: FilterSpecification): Promise<Item[] | string> {
  const input = { TableName, ...filter };
  try {
    const { Items = [] } =
      filter.KeyConditionExpression === undefined
        ? await client.send(new ScanCommand(input))
        : await client.send(new QueryCommand(input));
    return Items;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function exported(TableArn: string, filter: FilterSpecification): Promise<Item[] | string> {
  try {
    const { ExportArn } = await startExport(client, { TableArn, S3Bucket: 'exports', FilterSpecification: filter });
    const { ExportManifest = '', FilterSpecification } = await ended(client, ExportArn);
    expect(FilterSpecification).toEqual(filter);
    return (await readExport(s3, 'exports', ExportManifest)).items;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(
      'Invalid Request: Invalid FilterSpecification: ',
      '',
    );
  }
}

/** Items in DynamoDB JSON, in an order that does not depend on where they came from. */
const comparable = (answer: Item[] | string) =>
  typeof answer === 'string' ? answer : answer.map((item) => canonical(item)).sort();

const canonical = (inner: unknown): string =>
  JSON.stringify(inner, (_name, part: unknown) => {
    if (part instanceof Uint8Array) return Buffer.from(part).toString('base64');
    return typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  });

it('has the items and attributes that Scan or Query return, and refuses what they refuse', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(items, fc.array(filters, { minLength: 1, maxLength: 5 }), async (all, some) => {
      const TableName = `Filtered${++run}`;
      const { arn } = await createTable(client, TableName);
      await enableRecovery(client, TableName);
      await write(TableName, all);
      for (const filter of some) {
        expect(comparable(await exported(arn, filter))).toEqual(comparable(await read(TableName, filter)));
      }
    }),
    { numRuns: 40 },
  );
});

it('looks at the new image of what changed, or at the old one of what went, and keeps the keys whole', async () => {
  const TableName = 'FilteredChanges';
  const { arn } = await createTable(client, TableName);
  await enableRecovery(client, TableName);
  const put = (sk: number, state: string) =>
    client.send(
      new PutItemCommand({
        TableName,
        Item: { pk: { S: 'a' }, sk: { N: String(sk) }, state: { S: state }, secret: { S: 'x' } },
      }),
    );
  for (const sk of [1, 2, 3, 4]) await put(sk, sk < 3 ? 'closed' : 'open');
  nowMs += 60_000;
  const ExportFromTime = new Date(nowMs);
  await put(1, 'open');
  await put(3, 'closed');
  for (const sk of [2, 4]) {
    await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: 'a' }, sk: { N: String(sk) } } }));
  }
  nowMs += 20 * 60_000;
  const { ExportArn } = await startExport(client, {
    TableArn: arn,
    S3Bucket: 'exports',
    ExportType: 'INCREMENTAL_EXPORT',
    IncrementalExportSpecification: { ExportFromTime },
    FilterSpecification: {
      FilterExpression: '#s = :open',
      ProjectionExpression: '#s',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':open': { S: 'open' } },
    },
  });
  const { ExportManifest = '' } = await ended(client, ExportArn);
  const { lines } = await readExport(s3, 'exports', ExportManifest);
  const records = lines.map((line) => JSON.parse(line)).sort((a, b) => a.Keys.sk.N - b.Keys.sk.N);
  const Metadata = expect.anything();
  expect(records).toEqual([
    {
      Metadata,
      Keys: { pk: { S: 'a' }, sk: { N: '1' } },
      OldImage: { state: { S: 'closed' } },
      NewImage: { state: { S: 'open' } },
    },
    { Metadata, Keys: { pk: { S: 'a' }, sk: { N: '4' } }, OldImage: { state: { S: 'open' } } },
  ]);
});
