import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  BatchGetItemCommand,
  DescribeExportCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  waitUntilExportCompleted,
} from '@aws-sdk/client-dynamodb';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchesWildcards } from '../../../src/local/aws/policy-conditions.ts';
import { createTable, setRecovery } from '../../support/create-table.ts';
import { startDataPlane, type TestDataPlane } from '../../support/data-plane.ts';

const ACCOUNT = '111122223333';
const TABLE_ARN = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/orders`;
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/exporter`;

let plane: TestDataPlane;
const options = () => ({
  endpoint: plane.endpoint,
  region: 'us-east-1',
  maxAttempts: 1,
  forcePathStyle: true,
  credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'outport' },
});

beforeAll(async () => {
  plane = await startDataPlane({ verifySignatures: true });
  const [s3, dynamodb] = [new S3Client(options()), new DynamoDBClient(options())];
  for (const Bucket of ['lake', 'other']) await s3.send(new CreateBucketCommand({ Bucket }));
  for (const TableName of ['orders', 'people']) {
    await createTable(dynamodb, TableName);
    await setRecovery(dynamodb, TableName, true);
  }
});
afterAll(() => plane.close());

/** Clients of a session with a policy of these statements. */
async function sessionWith(...Statement: object[]) {
  const { Credentials } = await new STSClient(options()).send(
    new AssumeRoleCommand({
      RoleArn: ROLE_ARN,
      RoleSessionName: 'ana',
      Policy: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const config = { ...options(), credentials };
  return {
    s3: new S3Client(config),
    dynamodb: new DynamoDBClient(config),
    sts: new STSClient(config),
    cloudTrail: new CloudTrailClient(config),
  };
}

const allow = (Action: string | string[], Resource: string | string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

describe('the session of a role, on S3', () => {
  test('may do what its policy allows, and nothing else', async () => {
    const { s3 } = await sessionWith(
      allow(['s3:PutObject', 's3:GetObject'], 'arn:aws:s3:::lake/exports/data/*'),
      allow('s3:ListBucket', 'arn:aws:s3:::lake'),
    );
    const put = (Bucket: string, Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };

    await put('lake', 'exports/data/a');
    await s3.send(new HeadBucketCommand({ Bucket: 'lake' }));
    for (const [bucket, key] of [
      ['lake', 'exports/data2/a'],
      ['lake', 'exports/a'],
      ['other', 'exports/data/a'],
    ] as const) {
      await expect(put(bucket, key)).rejects.toMatchObject(denied);
    }
    await expect(put('lake', 'b')).rejects.toThrow(
      `User: arn:aws:sts::${ACCOUNT}:assumed-role/exporter/ana is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::lake/b because no session policy allows the s3:PutObject action`,
    );
    await expect(s3.send(new ListBucketsCommand())).rejects.toMatchObject(denied);
    await expect(s3.send(new CreateBucketCommand({ Bucket: 'mine' }))).rejects.toMatchObject(denied);
    await expect(
      s3.send(new CopyObjectCommand({ Bucket: 'lake', Key: 'exports/data/b', CopySource: 'lake/exports/secret' })),
    ).rejects.toMatchObject(denied);
    const { Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket: 'lake', Delete: { Objects: [{ Key: 'exports/data/a' }] } }),
    );
    expect(Errors).toMatchObject([{ Code: 'AccessDenied' }]);
    expect(
      await (await s3.send(new GetObjectCommand({ Bucket: 'lake', Key: 'exports/data/a' }))).Body?.transformToString(),
    ).toBe('x');
  });

  test('is held to conditions and denials', async () => {
    const { s3 } = await sessionWith(
      allow('s3:*', '*', { Condition: { StringEquals: { 's3:x-amz-server-side-encryption': 'AES256' } } }),
      { Effect: 'Deny', Action: 's3:PutObject', Resource: 'arn:aws:s3:::lake/locked/*' },
    );
    const put = (Key: string, encrypted: boolean) =>
      s3.send(
        new PutObjectCommand({
          Bucket: 'lake',
          Key,
          Body: 'x',
          ServerSideEncryption: encrypted ? 'AES256' : undefined,
        }),
      );
    await put('free', true);
    await expect(put('free', false)).rejects.toThrow('no session policy allows');
    await expect(put('locked/a', true)).rejects.toThrow('with an explicit deny in a session policy');
  });
});

describe('the session of a role, on DynamoDB, CloudTrail and STS', () => {
  const denied = { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } };

  test('may read and write only the tables and indexes that its policy names', async () => {
    const { dynamodb } = await sessionWith(allow(['dynamodb:*Item', 'dynamodb:Query'], TABLE_ARN));
    const Item = { pk: { S: '1' } };
    await dynamodb.send(new PutItemCommand({ TableName: 'orders', Item }));
    await dynamodb.send(new GetItemCommand({ TableName: TABLE_ARN, Key: Item }));
    for (const command of [
      new PutItemCommand({ TableName: 'people', Item }),
      new BatchGetItemCommand({ RequestItems: { people: { Keys: [Item] }, orders: { Keys: [Item] } } }),
      new TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName: 'orders', Item } }, { Put: { TableName: 'people', Item } }],
      }),
      new ListTablesCommand(),
      new QueryCommand({
        TableName: 'orders',
        IndexName: 'by-name',
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: '1' } },
      }),
    ]) {
      await expect(dynamodb.send(command as ListTablesCommand)).rejects.toMatchObject(denied);
    }
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: 'orders', Item } }] }));
  });

  test('exports with its own rights: what it may not write, its export may not', async () => {
    const { dynamodb } = await sessionWith(
      allow(['dynamodb:ExportTableToPointInTime', 'dynamodb:DescribeExport'], [TABLE_ARN, `${TABLE_ARN}/export/*`]),
      allow(['s3:PutObject', 's3:PutObjectAcl'], 'arn:aws:s3:::lake/exports/AWSDynamoDB/*'),
    );
    const start = (S3Prefix: string, TableArn = TABLE_ARN) =>
      dynamodb.send(new ExportTableToPointInTimeCommand({ TableArn, S3Bucket: 'lake', S3Prefix }));
    const finish = async (S3Prefix: string) => {
      const { ExportDescription: { ExportArn } = {} } = await start(S3Prefix);
      await waitUntilExportCompleted(
        { client: dynamodb, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 },
        { ExportArn },
      ).catch(() => {});
      return (await dynamodb.send(new DescribeExportCommand({ ExportArn }))).ExportDescription;
    };
    expect(await finish('exports')).toMatchObject({ ExportStatus: 'COMPLETED' });
    expect(await finish('elsewhere')).toMatchObject({ ExportStatus: 'FAILED', FailureCode: 'S3AccessDenied' });
    await expect(start('exports', TABLE_ARN.replace('orders', 'people'))).rejects.toMatchObject(denied);
  });

  test('may look up events and assume further roles only where its policy says so', async () => {
    const narrow = await sessionWith(allow('s3:*', '*'));
    await expect(narrow.cloudTrail.send(new LookupEventsCommand())).rejects.toMatchObject(denied);
    await expect(
      narrow.sts.send(new AssumeRoleCommand({ RoleArn: ROLE_ARN, RoleSessionName: 'again' })),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
    // Nobody can be kept from asking who they are.
    await narrow.sts.send(new GetCallerIdentityCommand());

    const wider = await sessionWith(allow('cloudtrail:LookupEvents', '*'), allow('sts:AssumeRole', ROLE_ARN));
    await wider.cloudTrail.send(new LookupEventsCommand());
    await wider.sts.send(new AssumeRoleCommand({ RoleArn: ROLE_ARN, RoleSessionName: 'again' }));
  });

  test.each([
    ['a principal', [{ ...allow('*', '*'), Principal: '*' }], 'Policy document should not specify a principal.'],
    ['no action', [{ Effect: 'Allow', Resource: '*' }], 'Missing required field Action'],
    ['a variable', [allow('s3:*', `arn:aws:s3:::lake/\${aws:username}/*`)], `The policy variable \${aws:username}`],
    ['a condition key', [allow('*', '*', { Condition: { Bool: { 'x:y': 'true' } } })], 'The policy condition key x:y'],
  ])('is not given a policy with %s that could not be held to', async (_what, statements, message) => {
    await expect(sessionWith(...statements)).rejects.toMatchObject({ Code: 'MalformedPolicyDocument', message });
  });
});

test('a pattern of which every wildcard is written as a variable matches itself alone', () => {
  const literally = (text: string) => text.replace(/[*?$]/g, (character) => `\${${character}}`);
  const texts = fc.string({ unit: fc.constantFrom('*', '?', '$', '{', '}', 'a', '/') });
  fc.assert(
    fc.property(texts, texts, (text, other) => {
      expect(matchesWildcards(text, literally(text))).toBe(true);
      expect(matchesWildcards(other, literally(text))).toBe(other === text);
    }),
  );
});
