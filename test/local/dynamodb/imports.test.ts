import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DeleteTableCommand,
  DescribeImportCommand,
  DescribeTableCommand,
  ImportTableCommand,
  type ImportTableCommandInput,
  type ImportTableDescription,
  ListImportsCommand,
  PutItemCommand,
  paginateScan,
  QueryCommand,
  type TableCreationParameters,
} from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ended, readExport, startExport } from './support/exported.ts';
import { COMPOSITE_KEY, createTable, enableRecovery, startWithBucket } from './support/local-dynamodb.ts';
import { until } from './support/until.ts';

type Item = Record<string, AttributeValue>;

const { plane, client, s3, close } = await startWithBucket('imports');
afterAll(close);

const parameters = (TableName: string, more: Partial<TableCreationParameters> = {}): TableCreationParameters => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  ...COMPOSITE_KEY,
  ...more,
});

async function startImport(S3KeyPrefix: string, input: Partial<ImportTableCommandInput> = {}) {
  const { ImportTableDescription } = await client.send(
    new ImportTableCommand({
      S3BucketSource: { S3Bucket: 'imports', S3KeyPrefix },
      InputFormat: 'DYNAMODB_JSON',
      TableCreationParameters: parameters(`T${randomUUID()}`),
      ...input,
    }),
  );
  return { ...ImportTableDescription, ImportArn: ImportTableDescription?.ImportArn ?? '' };
}

const importEnded = (ImportArn: string): Promise<ImportTableDescription> =>
  until(async () => {
    const { ImportTableDescription } = await client.send(new DescribeImportCommand({ ImportArn }));
    return ImportTableDescription?.ImportStatus !== 'IN_PROGRESS' && ImportTableDescription;
  });

async function importTable(S3KeyPrefix: string, input: Partial<ImportTableCommandInput> = {}) {
  const { ImportArn } = await startImport(S3KeyPrefix, input);
  const description = await importEnded(ImportArn);
  return { ...description, TableName: description.TableCreationParameters?.TableName ?? '' };
}

const put = (Key: string, Body: string | Uint8Array) => s3.send(new PutObjectCommand({ Bucket: 'imports', Key, Body }));

async function scan(TableName: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName })) items.push(...Items);
  return items;
}

const line = (pk: string, sk: number | string, more: object = {}) =>
  `${JSON.stringify({ Item: { pk: { S: pk }, sk: { N: String(sk) }, ...more } })}\n`;

describe('export, import, export', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 8 });
  const number = fc
    .tuple(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), fc.integer({ min: -90, max: 80 }))
    .map(([digits, exponent]) => `${digits}e${exponent}`);
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((array) => Uint8Array.from(array));
  const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text.map((S) => ({ S })),
      number.map((N) => ({ N })),
      bytes.map((B) => ({ B })),
      fc.boolean().map((BOOL) => ({ BOOL })),
      fc.constant({ NULL: true as const }),
      fc.uniqueArray(text, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
      fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 3 }).map((all) => ({ NS: all.map(String) })),
      fc
        .uniqueArray(fc.nat(255), { minLength: 1, maxLength: 3 })
        .map((all) => ({ BS: all.map((b) => Uint8Array.of(b)) })),
      fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
      fc.dictionary(text.filter(isName), tie('value'), { maxKeys: 3 }).map((M) => ({ M })),
    ),
  }));
  const items = fc.uniqueArray(
    fc
      .tuple(fc.dictionary(text.filter(isName), value, { maxKeys: 4 }), text.filter(isName), fc.integer())
      .map(([attributes, pk, sk]): Item => ({ ...attributes, pk: { S: pk }, sk: { N: String(sk) } })),
    { selector: ({ pk, sk }) => `${pk?.S}/${sk?.N}`, minLength: 1, maxLength: 25 },
  );

  it.each(['DYNAMODB_JSON', 'ION'] as const)('brings all items back as they were through %s', async (format) => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(items, async (all) => {
        const TableName = `${format}${++run}`;
        const { arn } = await createTable(client, TableName);
        await enableRecovery(client, TableName);
        const requests = all.map((Item) => ({ PutRequest: { Item } }));
        await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
        const exportLines = async (TableArn: string) => {
          const { ExportArn } = await startExport(client, { TableArn, S3Bucket: 'imports', ExportFormat: format });
          const { ExportManifest = '' } = await ended(client, ExportArn);
          const { lines } = await readExport(s3, 'imports', ExportManifest);
          return { root: path.posix.dirname(ExportManifest), lines: lines.sort() };
        };
        const first = await exportLines(arn);
        const imported = await importTable(`${first.root}/data/`, {
          InputFormat: format,
          InputCompressionType: 'GZIP',
        });
        expect(imported).toMatchObject({
          ImportStatus: 'COMPLETED',
          ImportedItemCount: all.length,
          ProcessedItemCount: all.length,
          ErrorCount: 0,
          ProcessedSizeBytes: first.lines.reduce((sum, each) => sum + Buffer.byteLength(each) + 1, 0),
        });
        expect((await scan(imported.TableName)).map(sorted)).toEqual((await scan(TableName)).map(sorted));
        const totals = async (name: string) => {
          const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
          return [Table?.TableStatus, Table?.ItemCount, Table?.TableSizeBytes];
        };
        expect(await totals(imported.TableName)).toEqual(await totals(TableName));
        await enableRecovery(client, imported.TableName);
        const second = await exportLines(imported.TableArn ?? '');
        expect(second.lines).toEqual(first.lines);
      }),
      { numRuns: 6 },
    );
  });
});

const isName = (name: string): boolean => name !== '' && name !== '__proto__';
const sorted = (item: Item) => Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));

describe('an import', () => {
  it('shows its table as being created until it has ended', async () => {
    await put('slow/a.json', line('a', 1).repeat(100_000));
    const TableName = 'Slow';
    const begun = await startImport('slow/', { TableCreationParameters: parameters(TableName) });
    expect(begun).toMatchObject({
      ImportStatus: 'IN_PROGRESS',
      ImportArn: expect.stringMatching(/:table\/Slow\/import\/\d{14}-[0-9a-f]{8}$/),
      InputCompressionType: 'NONE',
      S3BucketSource: { S3Bucket: 'imports', S3KeyPrefix: 'slow/' },
      CloudWatchLogGroupArn: expect.stringMatching(/:log-group:\/aws-dynamodb\/imports:\*$/),
    });
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table?.TableStatus).toBe('CREATING');
    const Item = { pk: { S: 'x' }, sk: { N: '1' } };
    await expect(client.send(new PutItemCommand({ TableName, Item }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(client.send(new DeleteTableCommand({ TableName }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
    await expect(enableRecovery(client, TableName)).rejects.toMatchObject({
      name: 'ContinuousBackupsUnavailableException',
    });
    await importEnded(begun.ImportArn);
    await client.send(new PutItemCommand({ TableName, Item }));
    const after = await client.send(new DescribeTableCommand({ TableName }));
    // All the lines had the same key.
    expect(after.Table).toMatchObject({ TableStatus: 'ACTIVE', ItemCount: 2 });
  });

  it('keeps what is right of objects that have wrong records, and lists those', async () => {
    await put(
      'wrong/data.json',
      [
        line('a', 1),
        'no json\n',
        '{"Other":{}}\n',
        line('a', 'NaN'),
        '{"Item":{"pk":{"S":"b"}}}\n',
        line('a', 2),
        line('big', 3, { v: { S: 'x'.repeat(410_000) } }),
        '\n',
        line('a', 4).trimEnd(),
      ].join(''),
    );
    const { ImportArn = '', ...ended } = await importTable('wrong/');
    expect(ended).toMatchObject({
      ImportStatus: 'FAILED',
      FailureCode: 'ItemValidationError',
      FailureMessage:
        'Some of the items failed validation checks and were not imported. Please check CloudWatch error logs for more details.',
      ProcessedItemCount: 8,
      ImportedItemCount: 3,
      ErrorCount: 5,
    });
    expect((await scan(ended.TableName)).map(({ sk }) => sk?.N)).toEqual(['1', '2', '4']);
    const log = path.join(plane.directory, 'dynamodb/imports', ImportArn.split('/').at(-1) ?? '', 'error');
    const errors = (await readFile(log, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each));
    expect(errors.map(({ itemS3Pointer }) => itemS3Pointer)).toEqual(
      [1, 2, 3, 4, 6].map((itemIndex) => ({ bucket: 'imports', key: 'wrong/data.json', itemIndex })),
    );
    expect(errors[3]).toMatchObject({
      importArn: ImportArn,
      errorMessages: ['One or more parameter values were invalid: Missing the key sk in the item'],
    });
  });

  it('counts what is no gzip as one wrong record an object, as for the root of an export', async () => {
    const { arn } = await createTable(client, 'Rooted');
    await enableRecovery(client, 'Rooted');
    for (const sk of ['1', '2', '3']) {
      await client.send(new PutItemCommand({ TableName: 'Rooted', Item: { pk: { S: 'a' }, sk: { N: sk } } }));
    }
    const { ExportArn } = await startExport(client, { TableArn: arn, S3Bucket: 'imports', S3Prefix: 'rooted' });
    await ended(client, ExportArn);
    const imported = await importTable('rooted/', { InputCompressionType: 'GZIP' });
    expect(imported).toMatchObject({
      ImportStatus: 'FAILED',
      FailureCode: 'ItemValidationError',
      ImportedItemCount: 3,
      ProcessedItemCount: 7,
    });
    const plain = await importTable('rooted/', {});
    expect(plain).toMatchObject({ ImportStatus: 'FAILED', ImportedItemCount: 0 });
  });

  it('imports nothing of nothing, and from all that a prefix matches', async () => {
    expect(await importTable('empty/')).toMatchObject({ ImportStatus: 'COMPLETED', ImportedItemCount: 0 });
    await put('data/a.json.gz', gzipSync(line('a', 1)));
    await put('data2/b.json.gz', gzipSync(line('b', 1)));
    const both = await importTable('data', { InputCompressionType: 'GZIP' });
    expect(both).toMatchObject({ ImportStatus: 'COMPLETED', ImportedItemCount: 2 });
  });

  it('fills the indexes of its table, with one entry for items of the same key', async () => {
    const definitions = COMPOSITE_KEY.AttributeDefinitions;
    await put('indexed/1', line('a', 1, { kind: { S: 'old' } }) + line('b', 1, { kind: { S: 'new' } }));
    await put('indexed/2', line('a', 1, { kind: { S: 'new' } }) + line('c', 1));
    const { ImportStatus, TableName } = await importTable('indexed/', {
      TableCreationParameters: parameters('Indexed', {
        AttributeDefinitions: [...definitions, { AttributeName: 'kind', AttributeType: 'S' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'ByKind',
            KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      }),
    });
    expect(ImportStatus).toBe('COMPLETED');
    const query = async (kind: string) => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          IndexName: 'ByKind',
          KeyConditionExpression: 'kind = :kind',
          ExpressionAttributeValues: { ':kind': { S: kind } },
        }),
      );
      return Items.map(({ pk }) => pk?.S).sort();
    };
    expect(await query('new')).toEqual(['a', 'b']);
    expect(await query('old')).toEqual([]);
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({ ItemCount: 3, GlobalSecondaryIndexes: [{ IndexStatus: 'ACTIVE', ItemCount: 2 }] });
  });

  it('reads rows of CSV, whose values are strings but for keys', async () => {
    await put('csv/a.csv', 'pk;sk;note\na;1;"two\nlines; ""quoted"""\nb;02;\nc;x;y\nd;4;y;more\n');
    const imported = await importTable('csv/', {
      InputFormat: 'CSV',
      InputFormatOptions: { Csv: { Delimiter: ';' } },
    });
    expect(imported).toMatchObject({ ImportStatus: 'FAILED', ImportedItemCount: 2, ErrorCount: 2 });
    const found = await scan(imported.TableName);
    expect(found.sort((a, b) => ((a.pk?.S ?? '') < (b.pk?.S ?? '') ? -1 : 1))).toEqual([
      { pk: { S: 'a' }, sk: { N: '1' }, note: { S: 'two\nlines; "quoted"' } },
      { pk: { S: 'b' }, sk: { N: '2' }, note: { S: '' } },
    ]);
    await put('headless/a.csv', 'a,1\nb,2\n');
    const named = await importTable('headless/', {
      InputFormat: 'CSV',
      InputFormatOptions: { Csv: { HeaderList: ['pk', 'sk'] } },
    });
    expect(named).toMatchObject({ ImportStatus: 'COMPLETED', ImportedItemCount: 2 });
  });

  it('reads a list of items as Ion, and integers as what they are: wrong', async () => {
    await put('ion/list.ion', '$ion_1_0 [ {Item:{pk:"a",sk:1.}},\n  // the second\n {Item:{pk:"a", sk:25d-1}} ]\n');
    await put('ion/wrong.ion', '$ion_1_0 {Item:{pk:"b",sk:1}}\n$ion_1_0 {Item:{pk:"b",sk:2.}}\n');
    const imported = await importTable('ion/', { InputFormat: 'ION' });
    expect(imported).toMatchObject({ ImportStatus: 'FAILED', ImportedItemCount: 3, ErrorCount: 1 });
    expect((await scan(imported.TableName)).map(({ pk, sk }) => `${pk?.S}${sk?.N}`).sort()).toEqual([
      'a1',
      'a2.5',
      'b2',
    ]);
  });

  it.each([
    ['a missing bucket', { S3Bucket: 'no-such-bucket' }, 'S3NoSuchBucket'],
    [
      'an owner that is not the one of the bucket',
      { S3Bucket: 'imports', S3BucketOwner: '999988887777' },
      'S3AccessDenied',
    ],
  ])('ends FAILED for %s, never at once', async (_what, S3BucketSource, FailureCode) => {
    expect(await importTable('', { S3BucketSource })).toMatchObject({ ImportStatus: 'FAILED', FailureCode });
  });

  it('repeats itself for the same token, whatever else is asked for, but for no other table', async () => {
    const ClientToken = randomUUID();
    const first = await startImport('empty/', { ClientToken, TableCreationParameters: parameters('Once') });
    const second = await startImport('other/', { ClientToken, TableCreationParameters: parameters('Once') });
    expect(second).toMatchObject({ ImportArn: first.ImportArn, S3BucketSource: { S3KeyPrefix: 'empty/' } });
    const other = startImport('empty/', { ClientToken, TableCreationParameters: parameters('Twice') });
    await expect(other).rejects.toMatchObject({ name: 'ImportConflictException' });
    await importEnded(first.ImportArn);
  });

  it.each([
    ['into a table that exists', { TableCreationParameters: parameters('Slow') }, 'ResourceInUseException'],
    ['with options of another format', { InputFormatOptions: { Csv: { Delimiter: ',' } } }, 'ValidationException'],
    ['of an unknown format', { InputFormat: 'XML' as 'ION' }, 'ValidationException'],
  ])('is refused %s', async (_what, input, name) => {
    await expect(startImport('empty/', input)).rejects.toMatchObject({ name });
  });

  it('is listed, newest first, on pages', async () => {
    const { ImportSummaryList: all = [] } = await client.send(new ListImportsCommand({}));
    const arns = all.map(({ ImportArn = '' }) => ImportArn);
    expect(arns.map((arn) => arn.split('/').at(-1))).toEqual(
      arns
        .map((arn) => arn.split('/').at(-1))
        .sort()
        .reverse(),
    );
    const first = await client.send(new ListImportsCommand({ PageSize: 2 }));
    const { NextToken = '' } = first;
    expect(NextToken).toMatch(/^([0-9a-f]{16}){7,}$/);
    const second = await client.send(new ListImportsCommand({ PageSize: 2, NextToken }));
    const listed = [first, second].flatMap(({ ImportSummaryList = [] }) => ImportSummaryList);
    expect(listed.map(({ ImportArn }) => ImportArn)).toEqual(arns.slice(0, 4));
    expect(listed[0]).toMatchObject({ ImportStatus: expect.any(String), InputFormat: expect.any(String) });
  });
});
