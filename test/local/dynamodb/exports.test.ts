import {
  DeleteTableCommand,
  DescribeExportCommand,
  type ExportTableToPointInTimeCommandInput,
  ListExportsCommand,
  PutItemCommand,
  paginateListExports,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, getBytes, listKeys, readExport, startExport } from './support/exported.ts';
import { ACCOUNT, createTable, enableRecovery, REGION, startWithBucket } from './support/local-dynamodb.ts';

const EMPTY_FILE = '1f8b08000000000000ff03000000000000000000';

let nowMs = Date.parse('2026-11-01T10:00:00.123Z');
const { plane, client, s3, close } = await startWithBucket('exports', { now: () => nowMs });
let table: { arn: string; id: string };

beforeAll(async () => {
  table = await createTable(client, 'Music');
  await createTable(client, 'Unprotected');
  await enableRecovery(client, 'Music');
  for (const sk of [3, 1, 2]) {
    const Item = { title: { S: `song ${sk}` }, sk: { N: String(sk) }, pk: { S: 'artist' } };
    await client.send(new PutItemCommand({ TableName: 'Music', Item }));
  }
});

afterAll(close);

const start = (input: Partial<ExportTableToPointInTimeCommandInput> = {}) =>
  startExport(client, { TableArn: table.arn, S3Bucket: 'exports', ...input });

/** The parsed reply as it is on the wire: SDKs drop members that their model does not have. */
async function send(operation: string, body: object): Promise<{ status: number; body: Record<string, never> }> {
  const response = await fetch(plane.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20261101T100000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${ACCOUNT}/20261101/${REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe('a full export', () => {
  it('writes exactly the objects, bytes and orders of DynamoDB', async () => {
    nowMs += 1000;
    const begun = await start({ S3Prefix: 'a/b' });
    const exportId = begun.ExportArn.split('/').at(-1) ?? '';
    expect(begun.ExportArn).toBe(`${table.arn}/export/${exportId}`);
    expect(exportId).toMatch(new RegExp(`^0${nowMs}-[0-9a-f]{8}$`));
    const { ExportManifest = '', ...described } = await ended(client, begun.ExportArn);
    const root = `a/b/AWSDynamoDB/${exportId}`;
    expect(described).toMatchObject({ ExportStatus: 'COMPLETED', ItemCount: 3, BilledSizeBytes: 0 });
    expect(ExportManifest).toBe(`${root}/manifest-summary.json`);

    const { summary, summaryText, filesText, files, lines } = await readExport(s3, 'exports', ExportManifest);
    expect(summaryText).toBe(
      JSON.stringify({
        version: '2020-06-30',
        exportArn: begun.ExportArn,
        startTime: new Date(nowMs).toISOString(),
        endTime: summary.endTime,
        tableArn: table.arn,
        tableId: table.id,
        exportTime: new Date(nowMs).toISOString(),
        s3Bucket: 'exports',
        s3Prefix: 'a/b',
        s3SseAlgorithm: 'AES256',
        s3SseKmsKeyId: null,
        manifestFilesS3Key: `${root}/manifest-files.json`,
        billedSizeBytes: 0,
        itemCount: 3,
        outputFormat: 'DYNAMODB_JSON',
      }),
    );
    expect(filesText).toMatch(
      /^(\{"itemCount":\d+,"md5Checksum":"[^"]{24}","etag":"[0-9a-f]{32}-1","dataFileS3Key":"[^"]+"\}\n){4}$/,
    );
    // Partition key and sort key come first, whatever order they were sent in; items of a partition key are in order.
    expect(lines).toEqual(
      [1, 2, 3].map((n) => `{"Item":{"pk":{"S":"artist"},"sk":{"N":"${n}"},"title":{"S":"song ${n}"}}}`),
    );
    expect(await listKeys(s3, 'exports')).toEqual(
      [
        '_started',
        ...files.map(({ dataFileS3Key }) => dataFileS3Key.slice(root.length + 1)),
        'manifest-files.json',
        'manifest-files.md5',
        'manifest-summary.json',
        'manifest-summary.md5',
      ]
        .map((name) => `${root}/${name}`)
        .sort(),
    );
    for (const { dataFileS3Key, itemCount } of files) {
      expect(dataFileS3Key).toMatch(/\/data\/[a-z2-7]{26}\.json\.gz$/);
      if (itemCount === 0) expect((await getBytes(s3, 'exports', dataFileS3Key)).toString('hex')).toBe(EMPTY_FILE);
    }
    expect((await getBytes(s3, 'exports', `${root}/_started`)).length).toBe(0);
    expect((await getBytes(s3, 'exports', `${root}/manifest-summary.md5`)).length).toBe(24);
  });

  it('puts the key first, also before attributes that are named by numbers', async () => {
    const numbered = await createTable(client, 'Numbered');
    await enableRecovery(client, 'Numbered');
    const Item = { '1': { S: 'one' }, sk: { N: '2' }, '0': { S: 'zero' }, pk: { S: 'a' } };
    await client.send(new PutItemCommand({ TableName: 'Numbered', Item }));
    const { ExportArn } = await start({ TableArn: numbered.arn, S3Prefix: 'numbered' });
    const { ExportManifest = '' } = await ended(client, ExportArn);
    const { lines } = await readExport(s3, 'exports', ExportManifest);
    expect(lines).toEqual(['{"Item":{"pk":{"S":"a"},"sk":{"N":"2"},"0":{"S":"zero"},"1":{"S":"one"}}}']);
  });

  it.each([
    [undefined, ''],
    ['', ''],
    ['foo', 'foo/'],
    ['foo/', 'foo/'],
    ['/foo', '/foo/'],
  ])('joins the prefix %j by one slash', async (S3Prefix, root) => {
    const { ExportArn } = await start({ S3Prefix });
    const { ExportManifest } = await ended(client, ExportArn);
    expect(ExportManifest).toBe(`${root}AWSDynamoDB/${ExportArn.split('/').at(-1)}/manifest-summary.json`);
  });

  it('shows the members of each state, and of the request only what was sent', async () => {
    nowMs += 1000;
    const input = { TableArn: table.arn, S3Bucket: 'exports', ClientToken: 'states' };
    const created = await send('ExportTableToPointInTime', { ...input, DefinitelyNotAMember: 1 });
    const always = {
      ExportArn: expect.stringContaining(`${table.arn}/export/`),
      StartTime: nowMs / 1000,
      TableArn: table.arn,
      TableId: table.id,
      ExportTime: nowMs / 1000,
      ClientToken: 'states',
      DestinationType: 'S3',
      S3Bucket: 'exports',
      S3SseAlgorithm: 'AES256',
      ExportFormat: 'DYNAMODB_JSON',
    };
    expect(created).toEqual({
      status: 200,
      body: { ExportDescription: { ...always, ExportStatus: 'IN_PROGRESS' } },
    });
    const { ExportArn }: { ExportArn: string } = created.body.ExportDescription as never;
    await ended(client, ExportArn);
    expect((await send('DescribeExport', { ExportArn })).body).toEqual({
      ExportDescription: {
        ...always,
        ExportStatus: 'COMPLETED',
        EndTime: expect.closeTo(nowMs / 1000, 1),
        ExportManifest: `AWSDynamoDB/${ExportArn.split('/').at(-1)}/manifest-summary.json`,
        BilledSizeBytes: 0,
        ItemCount: 3,
      },
    });

    const everything = await start({
      ExportType: 'FULL_EXPORT',
      S3Prefix: 'x',
      S3BucketOwner: ACCOUNT,
      S3SseAlgorithm: 'KMS',
      S3SseKmsKeyId: 'alias/aws/s3',
      ExportTime: new Date(nowMs - 1000),
    });
    expect(everything).toMatchObject({
      ExportType: 'FULL_EXPORT',
      S3Prefix: 'x',
      S3BucketOwner: ACCOUNT,
      S3SseAlgorithm: 'KMS',
      S3SseKmsKeyId: 'alias/aws/s3',
      ExportTime: new Date(nowMs - 1000),
    });
    expect(await ended(client, everything.ExportArn)).toMatchObject({ ExportStatus: 'COMPLETED' });
  });

  it('goes on when its table is deleted', async () => {
    const doomed = await createTable(client, 'Doomed');
    await enableRecovery(client, 'Doomed');
    await client.send(new PutItemCommand({ TableName: 'Doomed', Item: { pk: { S: 'a' }, sk: { N: '1' } } }));
    const { ExportArn } = await start({ TableArn: doomed.arn });
    await client.send(new DeleteTableCommand({ TableName: 'Doomed' }));
    expect(await ended(client, ExportArn)).toMatchObject({ ExportStatus: 'COMPLETED', ItemCount: 1 });
    const again = await createTable(client, 'Doomed');
    const { ExportSummaries } = await client.send(new ListExportsCommand({ TableArn: again.arn }));
    expect(ExportSummaries).toEqual([]);
  });
});

describe('refused requests', () => {
  const arn = (name: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;
  const second = () => Math.floor(nowMs / 1000);
  const enumError = (value: string, path: string, values: string) =>
    `1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: Member must satisfy enum value set: [${values}]`;
  const patternError = (value: string, path: string, pattern: string) =>
    `1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`;
  const bucketPattern = '^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$';
  const incremental = (specification: object | undefined, more: object = {}) => ({
    ExportType: 'INCREMENTAL_EXPORT',
    ...(specification && { IncrementalExportSpecification: specification }),
    ...more,
  });

  const cases: Array<[what: string, input: () => object, code: string, message: string | (() => string)]> = [
    [
      'recovery that is off',
      () => ({ TableArn: arn('Unprotected') }),
      'PointInTimeRecoveryUnavailableException',
      "Point in time recovery is not enabled for table 'Unprotected'",
    ],
    [
      'a missing table',
      () => ({ TableArn: arn('Missing') }),
      'TableNotFoundException',
      `Table not found: ${arn('Missing')}`,
    ],
    [
      'a table of another Region, which is looked up in this one',
      () => ({ TableArn: `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/Missing` }),
      'TableNotFoundException',
      `Table not found: arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/Missing`,
    ],
    [
      'a bare name',
      () => ({ TableArn: 'Music' }),
      'ValidationException',
      'One or more parameter values were invalid: tableArn is not a valid ARN',
    ],
    [
      'the ARN of an index',
      () => ({ TableArn: `${arn('Music')}/index/ByYear` }),
      'ValidationException',
      'Invalid Request: Table ARN is invalid.',
    ],
    [
      'the table of another account',
      () => ({ TableArn: arn('Music').replace(ACCOUNT, '999988887777') }),
      'AccessDeniedException',
      'Access is denied',
    ],
    [
      'a time in the future',
      () => ({ ExportTime: second() + 5 }),
      'InvalidExportTimeException',
      'Export Time is invalid',
    ],
    [
      'a time before the window',
      () => ({ ExportTime: second() - 86_400 }),
      'InvalidExportTimeException',
      'Export Time is invalid',
    ],
    [
      'an unknown format',
      () => ({ ExportFormat: 'CSV' }),
      'ValidationException',
      enumError('CSV', 'exportFormat', 'DYNAMODB_JSON, ION'),
    ],
    [
      'an empty format',
      () => ({ ExportFormat: '' }),
      'ValidationException',
      enumError('', 'exportFormat', 'DYNAMODB_JSON, ION'),
    ],
    [
      'an unknown type',
      () => ({ ExportType: 'PARTIAL' }),
      'ValidationException',
      enumError('PARTIAL', 'exportType', 'FULL_EXPORT, INCREMENTAL_EXPORT'),
    ],
    [
      "S3's own name of KMS encryption",
      () => ({ S3SseAlgorithm: 'aws:kms' }),
      'ValidationException',
      enumError('aws:kms', 's3SseAlgorithm', 'AES256, KMS'),
    ],
    [
      'the ARN of a bucket',
      () => ({ S3Bucket: 'arn:aws:s3:::exports' }),
      'ValidationException',
      patternError('arn:aws:s3:::exports', 's3Bucket', bucketPattern),
    ],
    ['an empty bucket', () => ({ S3Bucket: '' }), 'ValidationException', patternError('', 's3Bucket', bucketPattern)],
    [
      'an owner that is no account',
      () => ({ S3BucketOwner: '1234' }),
      'ValidationException',
      patternError('1234', 's3BucketOwner', '[0-9]{12}'),
    ],
    [
      'the view type of the documentation',
      () => incremental({ ExportFromTime: second(), ExportViewType: 'NEW_IMAGES' }),
      'ValidationException',
      enumError('NEW_IMAGES', 'incrementalExportSpecification.exportViewType', 'NEW_IMAGE, NEW_AND_OLD_IMAGES'),
    ],
    [
      'a key without KMS',
      () => ({ S3SseKmsKeyId: 'alias/aws/s3' }),
      'ValidationException',
      'Invalid Request: KMS Key Id is not supported for this encryption type',
    ],
    [
      'a key with AES256',
      () => ({ S3SseKmsKeyId: 'alias/aws/s3', S3SseAlgorithm: 'AES256' }),
      'ValidationException',
      'Invalid Request: KMS Key Id is not supported for this encryption type',
    ],
    [
      'an incremental specification without a type',
      () => ({ IncrementalExportSpecification: { ExportFromTime: second() } }),
      'ValidationException',
      'Invalid Request: Export Type expected to be Incremental Export when incremental export specification is provided',
    ],
    [
      'an incremental specification of a full export',
      () => ({ ExportType: 'FULL_EXPORT', IncrementalExportSpecification: {} }),
      'ValidationException',
      'Invalid Request: When Export Type is Full Export , Incremental Export Specification should not be provided',
    ],
    [
      'an incremental export without specification',
      () => incremental(undefined),
      'ValidationException',
      'Invalid Request: Incremental Export Specification expected when export type is set as Incremental Export',
    ],
    [
      'an incremental export without a begin',
      () => incremental({}),
      'ValidationException',
      'Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification',
    ],
    [
      'a begin before the table was created, even while recovery is off',
      () => incremental({ ExportFromTime: 1_600_000_000 }, { TableArn: arn('Unprotected') }),
      'InvalidExportTimeException',
      'Incremental export period from time cannot be less than the table creation time : 2020-09-13T12:26:40Z',
    ],
    [
      'a window of less than 15 minutes',
      () => incremental({ ExportFromTime: second(), ExportToTime: second() }),
      'InvalidExportTimeException',
      'Difference between export period from time and export period to time is less than 15 minutes',
    ],
    [
      'an end in the future',
      () => incremental({ ExportFromTime: second(), ExportToTime: second() + 3600 }),
      'InvalidExportTimeException',
      () =>
        `Incremental export period to time cannot be greater than the current time : ${new Date((second() + 3600) * 1000).toISOString().slice(0, 19)}Z`,
    ],
    [
      'an empty filter',
      () => ({ FilterSpecification: {} }),
      'ValidationException',
      'Invalid Request: Invalid FilterSpecification: The specification can not be empty',
    ],
    [
      'a filter without an expression',
      () => ({ FilterSpecification: { ExpressionAttributeNames: { '#t': 'title' } } }),
      'ValidationException',
      'Invalid Request: Invalid FilterSpecification: At least one expression must be provided',
    ],
    [
      'a filter with a value that is not given',
      () => ({ FilterSpecification: { FilterExpression: 'title = :t' } }),
      'ValidationException',
      'Invalid Request: Invalid FilterSpecification: Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :t',
    ],
    [
      'a filter on a key beside a key condition, as Query does',
      () => ({
        FilterSpecification: {
          KeyConditionExpression: 'pk = :a',
          FilterExpression: 'sk > :n',
          ExpressionAttributeValues: { ':a': { S: 'artist' }, ':n': { N: '1' } },
        },
      }),
      'ValidationException',
      'Invalid Request: Invalid FilterSpecification: Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
    ],
    [
      'a key condition that is none of the table',
      () => ({
        FilterSpecification: {
          KeyConditionExpression: 'title = :a',
          ExpressionAttributeValues: { ':a': { S: 'song 1' } },
        },
      }),
      'ValidationException',
      'Invalid Request: Invalid FilterSpecification: Query condition missed key schema element: pk',
    ],
    [
      'an expression that is too long',
      () => ({ FilterSpecification: { ProjectionExpression: 'a'.repeat(4097) } }),
      'ValidationException',
      'Invalid Request: Invalid FilterSpecification: Invalid ProjectionExpression: Expression size has exceeded the maximum allowed size; expression size: 4097',
    ],
    [
      'more operators than there may be',
      () => ({ FilterSpecification: { FilterExpression: `a=b${' and a=b'.repeat(150)}` } }),
      'ValidationException',
      'Invalid Request: Invalid FilterSpecification: The expressions contain too many operators; operator count: 301',
    ],
    [
      'an incremental export with the time of a full one',
      () => ({ ...incremental({ ExportFromTime: second() - 3600 }), ExportTime: second() }),
      'ValidationException',
      'Invalid Request: When Export Type is Incremental Export, Export Time should not be provided',
    ],
  ];

  it.each(cases)('refuses %s', async (_what, input, code, message) => {
    nowMs += 1000;
    const { status, body } = await send('ExportTableToPointInTime', {
      TableArn: table.arn,
      S3Bucket: 'exports',
      ...input(),
    });
    expect(status).toBe(400);
    const { __type: type, message: text }: { __type: string; message: string } = body as never;
    expect(type.split('#')[1]).toBe(code);
    expect(text).toBe(typeof message === 'string' ? message : message());
  });

  it('refuses a malformed key', async () => {
    const refused = start({ S3SseAlgorithm: 'KMS', S3SseKmsKeyId: 'no key' });
    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(
        /^Invalid Request: 1 validation error detected: Value 'no key' at 's3SseKmsKeyId' failed to satisfy constraint: Member must satisfy regular/,
      ),
    });
  });

  it('answers a bucket name of any length at once', async () => {
    await expect(start({ S3Bucket: `${'a'.repeat(100_000)}$` })).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('exports that fail', () => {
  it.each([
    [
      'a missing bucket',
      () => ({ S3Bucket: 'no-such-bucket' }),
      'S3NoSuchBucket',
      /^The specified bucket does not exist \(Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; Request ID: [0-9A-F]{16}; S3 Extended Request ID: [^;]+; Proxy: null\)$/,
    ],
    [
      'an owner that is not the one of the bucket',
      () => ({ S3BucketOwner: '999988887777' }),
      'S3AccessDenied',
      /^Access Denied \(Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; /,
    ],
  ])('end FAILED for %s, never at once', async (_what, input, FailureCode, message) => {
    const begun = await start(input());
    expect(begun.ExportStatus).toBe('IN_PROGRESS');
    const failed = await ended(client, begun.ExportArn);
    expect(failed).toMatchObject({
      ExportStatus: 'FAILED',
      FailureCode,
      FailureMessage: expect.stringMatching(message),
    });
    expect(failed.EndTime).toBeInstanceOf(Date);
    expect(failed).not.toHaveProperty('ExportManifest');
    expect(failed).not.toHaveProperty('ItemCount');
  });
});

describe('client tokens', () => {
  it('give the same export to the same request, also after it ended and after it failed', async () => {
    const input = { ClientToken: 'same', S3Bucket: 'not-there' };
    const [first, second] = await Promise.all([start(input), start(input)]);
    expect(second.ExportArn).toBe(first.ExportArn);
    await ended(client, first.ExportArn);
    expect(await start(input)).toMatchObject({ ExportArn: first.ExportArn, ExportStatus: 'FAILED' });
  });

  it.each([
    ['another bucket', () => ({ S3Bucket: 'other' })],
    ['a default spelled out', () => ({ S3SseAlgorithm: 'AES256' as const })],
    ['another time, before it is looked at', () => ({ ExportTime: new Date(nowMs + 60_000) })],
    ['another prefix', () => ({ S3Prefix: 'p' })],
  ])('conflict with %s', async (_what, change) => {
    await start({ ClientToken: 'conflicts' });
    await expect(start({ ClientToken: 'conflicts', ...change() })).rejects.toMatchObject({
      name: 'ExportConflictException',
      message: 'Export conflict: Duplicate request detected with conflicting parameters',
    });
  });

  it('are not taken by a refused request', async () => {
    const future = { ClientToken: 'refused', ExportTime: new Date(nowMs + 60_000) };
    await expect(start(future)).rejects.toMatchObject({ name: 'InvalidExportTimeException' });
    expect(await start({ ClientToken: 'refused' })).toMatchObject({ ExportStatus: 'IN_PROGRESS' });
  });

  it('mean a new export eight hours after the last one ended', async () => {
    const first = await start({ ClientToken: 'hours' });
    await ended(client, first.ExportArn);
    nowMs += 8 * 3600_000 + 1000;
    const second = await start({ ClientToken: 'hours', S3Prefix: 'new' });
    expect(second.ExportArn).not.toBe(first.ExportArn);
  });
});

describe('reading exports', () => {
  it('lists the exports of a table newest first, on pages', async () => {
    const { arn } = await createTable(client, 'Listed');
    await enableRecovery(client, 'Listed');
    const arns: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      nowMs += 1000;
      arns.unshift((await start({ TableArn: arn, S3Prefix: `${n}` })).ExportArn);
    }
    const pages: string[][] = [];
    for await (const { ExportSummaries = [] } of paginateListExports({ client, pageSize: 2 }, { TableArn: arn })) {
      pages.push(ExportSummaries.map(({ ExportArn = '', ExportType }) => `${ExportArn} ${ExportType}`));
    }
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(arns.map((exportArn) => `${exportArn} FULL_EXPORT`));
  });

  it('knows exports of deleted tables by their ARN', async () => {
    const { arn } = await createTable(client, 'Past');
    await enableRecovery(client, 'Past');
    const { ExportArn } = await start({ TableArn: arn });
    await ended(client, ExportArn);
    await client.send(new DeleteTableCommand({ TableName: 'Past' }));
    expect(await ended(client, ExportArn)).toMatchObject({ ExportStatus: 'COMPLETED' });
    expect((await client.send(new ListExportsCommand({ TableArn: arn }))).ExportSummaries).toEqual([]);
  });

  const unknown = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Music/export/01700000000000-00000000`;
  it.each([
    ['an unknown export', unknown, 'ExportNotFoundException', `Export not found: Export not found: ${unknown}`],
    [
      'another Region',
      unknown.replace(REGION, 'us-east-1'),
      'ExportNotFoundException',
      'Export not found: Invalid export arn',
    ],
    [
      'the ARN of a table',
      `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Music`,
      'ValidationException',
      'Invalid Export ARN',
    ],
    ['an import', unknown.replace('/export/', '/import/'), 'ValidationException', 'Invalid Export ARN'],
    ['junk', 'junk'.repeat(12), 'ValidationException', 'Invalid Export ARN'],
    ['another account', unknown.replace(ACCOUNT, '999988887777'), 'AccessDeniedException', 'Access is denied'],
    ['another partition', unknown.replace('arn:aws:', 'arn:aws-cn:'), 'AccessDeniedException', 'Access is denied'],
    ['another service', unknown.replace(':dynamodb:', ':s3:'), 'AccessDeniedException', 'Access is denied'],
    ['a Region that is none', unknown.replace(REGION, 'nowhere'), 'AccessDeniedException', 'Access is denied'],
  ])('refuses %s', async (_what, ExportArn, name, message) => {
    await expect(client.send(new DescribeExportCommand({ ExportArn }))).rejects.toMatchObject({ name, message });
  });

  it.each(['junk', 'abcdef', '00'])('refuses the page token %j', async (NextToken) => {
    await expect(client.send(new ListExportsCommand({ NextToken }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: `Invalid Request: Provided nextToken is invalid: ${NextToken}`,
    });
  });
});
