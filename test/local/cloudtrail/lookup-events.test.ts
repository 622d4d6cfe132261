import {
  CloudTrailClient,
  type LookupAttributeKey,
  LookupEventsCommand,
  type LookupEventsCommandInput,
  paginateLookupEvents,
} from '@aws-sdk/client-cloudtrail';
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startDataPlane } from '../../support/data-plane.ts';
import { stubServices } from '../aws/stub-services.ts';

let plane: Awaited<ReturnType<typeof startDataPlane>>;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.parse('2026-11-23T10:00:00.250Z');
  plane = await startDataPlane({ now: () => nowMs, services: async () => stubServices() });
});
afterEach(() => plane.close());

const settings = (accessKeyId = '111122223333', region = 'us-east-1') => ({
  endpoint: plane.endpoint,
  region,
  credentials: { accessKeyId, secretAccessKey: 'outport' },
  forcePathStyle: true,
});
const dynamodb = (...caller: string[]) => new DynamoDBClient(settings(...caller));
const describeTable = (TableName: string, ...caller: string[]) =>
  dynamodb(...caller).send(new DescribeTableCommand({ TableName }));
const putItem = (TableName: string) =>
  dynamodb().send(new PutItemCommand({ TableName, Item: { secret: { S: 'of the item' } } }));

const lookUp = (input: LookupEventsCommandInput = {}, ...caller: string[]) =>
  new CloudTrailClient(settings(...caller)).send(new LookupEventsCommand(input));
const find = async (AttributeKey: LookupAttributeKey, AttributeValue: string) => {
  const { Events = [] } = await lookUp({ LookupAttributes: [{ AttributeKey, AttributeValue }] });
  return Events;
};
const recordOf = (event: { CloudTrailEvent?: string } | undefined) => JSON.parse(event?.CloudTrailEvent ?? 'null');

describe('a record', () => {
  test('tells who called what, when, from where and with what result', async () => {
    await describeTable('orders');
    const [event] = await find('EventName', 'DescribeTable');
    expect(event).toMatchObject({
      EventName: 'DescribeTable',
      ReadOnly: 'false',
      AccessKeyId: '111122223333',
      EventTime: new Date('2026-11-23T10:00:00Z'),
      EventSource: 'dynamodb.amazonaws.com',
      Username: 'root',
      Resources: [
        { ResourceType: 'AWS::DynamoDB::Table', ResourceName: 'orders' },
        { ResourceType: 'AWS::DynamoDB::Table', ResourceName: 'arn:aws:dynamodb:us-east-1:111122223333:table/orders' },
      ],
    });
    expect(recordOf(event)).toEqual({
      eventVersion: '1.11',
      userIdentity: {
        type: 'Root',
        principalId: '111122223333',
        arn: 'arn:aws:iam::111122223333:root',
        accountId: '111122223333',
        accessKeyId: '111122223333',
      },
      eventTime: '2026-11-23T10:00:00Z',
      eventSource: 'dynamodb.amazonaws.com',
      eventName: 'DescribeTable',
      awsRegion: 'us-east-1',
      sourceIPAddress: '127.0.0.1',
      userAgent: expect.stringMatching(/^aws-sdk-js/),
      requestParameters: { tableName: 'orders' },
      responseElements: null,
      requestID: expect.stringMatching(/^[\da-f-]{36}$/),
      eventID: event?.EventId,
      readOnly: false,
      resources: [
        {
          accountId: '111122223333',
          type: 'AWS::DynamoDB::Table',
          ARN: 'arn:aws:dynamodb:us-east-1:111122223333:table/orders',
        },
      ],
      eventType: 'AwsApiCall',
      apiVersion: '2012-08-10',
      managementEvent: true,
      recipientAccountId: '111122223333',
      eventCategory: 'Management',
    });
  });

  test('of a role session names the role, the session and the person behind it, and none of its secrets', async () => {
    const { Credentials } = await new STSClient(settings()).send(
      new AssumeRoleCommand({
        RoleArn: 'arn:aws:iam::111122223333:role/exporter',
        RoleSessionName: 'nightly',
        SourceIdentity: 'alice',
      }),
    );
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    const session = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    await new DynamoDBClient({ ...settings(), credentials: session }).send(new ListTablesCommand({}));

    const [listed] = await find('Username', 'nightly');
    const [issued] = await find('ResourceName', 'exporter');
    expect(recordOf(listed).userIdentity).toEqual({
      type: 'AssumedRole',
      principalId: expect.stringMatching(/^AROA\w+:nightly$/),
      arn: 'arn:aws:sts::111122223333:assumed-role/exporter/nightly',
      accountId: '111122223333',
      accessKeyId: AccessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: expect.stringMatching(/^AROA\w+$/),
          arn: 'arn:aws:iam::111122223333:role/exporter',
          accountId: '111122223333',
          userName: 'exporter',
        },
        attributes: { creationDate: '2026-11-23T10:00:00Z', mfaAuthenticated: 'false' },
        sourceIdentity: 'alice',
      },
    });
    expect(recordOf(issued)).toMatchObject({
      eventName: 'AssumeRole',
      requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/exporter', roleSessionName: 'nightly' },
      responseElements: { credentials: { accessKeyId: AccessKeyId } },
    });
    for (const event of [listed, issued]) {
      expect(event?.CloudTrailEvent).not.toContain(SecretAccessKey);
      expect(event?.CloudTrailEvent).not.toContain(SessionToken);
    }
  });

  test('is made of calls that were refused before a service saw them', async () => {
    const forged = { accessKeyId: 'ASIAFORGED', secretAccessKey: 'x', sessionToken: 'y' };
    const client = new DynamoDBClient({ ...settings(), credentials: forged });
    await expect(client.send(new PutItemCommand({ TableName: 't', Item: {} }))).rejects.toThrow();
    await fetch(`${plane.endpoint}/bucket/key`);
    const [refused] =
      (
        await lookUp(
          { LookupAttributes: [{ AttributeKey: 'AccessKeyId', AttributeValue: 'ASIAFORGED' }] },
          '000000000000',
        )
      ).Events ?? [];
    const [anonymous] =
      (await lookUp({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'GetObject' }] }, '000000000000'))
        .Events ?? [];
    expect(recordOf(refused)).toMatchObject({
      userIdentity: { type: 'Unknown', accessKeyId: 'ASIAFORGED' },
      eventName: 'PutItem',
      eventCategory: 'Data',
      errorCode: 'UnrecognizedClientException',
      errorMessage: 'The security token included in the request is invalid.',
    });
    expect(recordOf(anonymous)).toMatchObject({
      userIdentity: { type: 'AWSAccount', accountId: 'anonymous' },
      eventSource: 's3.amazonaws.com',
      errorCode: 'AccessDenied',
      recipientAccountId: '000000000000',
    });
  });

  test('cuts long texts and leaves out structures over 100 KB', async () => {
    await dynamodb().send(new DescribeTableCommand({ TableName: 'x'.repeat(101 * 1024) }));
    const [event] = await find('EventName', 'DescribeTable');
    expect(recordOf(event)).not.toHaveProperty('requestParameters');
  });
});

describe('LookupEvents', () => {
  test('finds a call by each attribute', async () => {
    await describeTable('orders');
    await describeTable('customers');
    const [wanted] = await find('ResourceName', 'orders');
    for (const [key, value] of [
      ['EventId', wanted?.EventId ?? ''],
      ['EventName', 'DescribeTable'],
      ['ReadOnly', 'false'],
      ['Username', 'root'],
      ['ResourceType', 'AWS::DynamoDB::Table'],
      ['ResourceName', 'arn:aws:dynamodb:us-east-1:111122223333:table/orders'],
      ['EventSource', 'dynamodb.amazonaws.com'],
      ['AccessKeyId', '111122223333'],
    ] as const) {
      const found = await find(key, value);
      expect
        .soft(
          found.map(({ EventId }) => EventId),
          key,
        )
        .toContain(wanted?.EventId);
      expect.soft(await find(key, `${value}x`), key).toEqual([]);
    }
  });

  test('lists management events when no attribute is given, and every call by an attribute', async () => {
    await putItem('orders');
    await new S3Client(settings()).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    await describeTable('orders');
    const { Events = [] } = await lookUp();
    expect(Events.map(({ EventName }) => EventName)).toEqual(['DescribeTable']);
    expect((await find('ResourceName', 'orders')).map(({ EventName }) => EventName)).toEqual([
      'DescribeTable',
      'PutItem',
    ]);
    expect(await find('EventName', 'GetObject')).toHaveLength(1);
  });

  test('sees the calls of its own account and Region only', async () => {
    await describeTable('mine');
    await describeTable('theirs', '999999999999');
    await describeTable('elsewhere', '111122223333', 'eu-north-1');
    const tables = async (...caller: string[]) =>
      (
        (
          await lookUp(
            { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'DescribeTable' }] },
            ...caller,
          )
        ).Events ?? []
      ).map((event) => recordOf(event).requestParameters.tableName);
    expect(await tables()).toEqual(['mine']);
    expect(await tables('999999999999')).toEqual(['theirs']);
    expect(await tables('111122223333', 'eu-north-1')).toEqual(['elsewhere']);
  });

  test('bounds the time to the second, both ends included', async () => {
    for (const table of ['first', 'second', 'third']) {
      await describeTable(table);
      nowMs += 1000;
    }
    const between = async (StartTime?: string, EndTime?: string) => {
      const { Events = [] } = await lookUp({
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'DescribeTable' }],
        ...(StartTime && { StartTime: new Date(StartTime) }),
        ...(EndTime && { EndTime: new Date(EndTime) }),
      });
      return Events.map((event) => recordOf(event).requestParameters.tableName);
    };
    expect(await between('2026-11-23T10:00:01Z')).toEqual(['third', 'second']);
    expect(await between('2026-11-23T10:00:01.900Z')).toEqual(['third', 'second']);
    expect(await between(undefined, '2026-11-23T10:00:01Z')).toEqual(['second', 'first']);
    expect(await between('2026-11-23T10:00:01Z', '2026-11-23T10:00:01Z')).toEqual(['second']);
  });

  test('pages through everything once, newest first, while more arrives', async () => {
    const tables = Array.from({ length: 23 }, (_, index) => `t${index}`);
    for (const table of tables) await describeTable(table);
    const LookupAttributes: LookupEventsCommandInput['LookupAttributes'] = [
      { AttributeKey: 'EventName', AttributeValue: 'DescribeTable' },
    ];
    const seen: string[] = [];
    for await (const page of paginateLookupEvents(
      { client: new CloudTrailClient(settings()), pageSize: 5 },
      { LookupAttributes },
    )) {
      seen.push(...(page.Events ?? []).map((event) => recordOf(event).requestParameters.tableName));
      await describeTable('late');
    }
    expect(seen).toEqual(tables.toReversed());
  });

  test.each<{ input: object; name: string }>([
    { input: { MaxResults: 0 }, name: 'InvalidMaxResultsException' },
    { input: { MaxResults: 51 }, name: 'InvalidMaxResultsException' },
    { input: { StartTime: new Date(2000), EndTime: new Date(1000) }, name: 'InvalidTimeRangeException' },
    { input: { EventCategory: 'data' }, name: 'InvalidEventCategoryException' },
    { input: { NextToken: 'made-up' }, name: 'InvalidNextTokenException' },
    {
      input: { LookupAttributes: [{ AttributeKey: 'Color', AttributeValue: 'x' }] },
      name: 'InvalidLookupAttributesException',
    },
    {
      input: { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: '' }] },
      name: 'InvalidLookupAttributesException',
    },
    {
      input: { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: '_'.repeat(1001) }] },
      name: 'InvalidLookupAttributesException',
    },
    {
      input: {
        LookupAttributes: [
          { AttributeKey: 'EventName', AttributeValue: 'x' },
          { AttributeKey: 'EventId', AttributeValue: 'x' },
        ],
      },
      name: 'InvalidLookupAttributesException',
    },
  ])('refuses $input', async ({ input, name }) => {
    await expect(lookUp(input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  test('refuses a token of other parameters', async () => {
    await describeTable('a');
    await describeTable('b');
    const { NextToken } = await lookUp({ MaxResults: 1 });
    expect(NextToken).toBeDefined();
    await expect(
      lookUp({ NextToken, LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: 'root' }] }),
    ).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
    await expect(lookUp({ NextToken }, '999999999999')).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });

  test('has no Insights events', async () => {
    await describeTable('a');
    expect((await lookUp({ EventCategory: 'insight' })).Events).toEqual([]);
  });
});
