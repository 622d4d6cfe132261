import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  BatchWriteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startExport } from './support/exported.ts';
import {
  ACCOUNT,
  createTable,
  dynamoDbClient,
  enableRecovery,
  REGION,
  startLocalDynamoDb,
} from './support/local-dynamodb.ts';

let plane: Awaited<ReturnType<typeof startLocalDynamoDb>>;
let client: DynamoDBClient;
let trail: CloudTrailClient;
let arn: string;

beforeAll(async () => {
  plane = await startLocalDynamoDb();
  client = dynamoDbClient(plane.endpoint);
  trail = new CloudTrailClient({
    endpoint: plane.endpoint,
    region: REGION,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'secret' },
  });
  ({ arn } = await createTable(client, 'Audited'));
});

afterAll(async () => {
  client.destroy();
  trail.destroy();
  await plane.close();
});

async function lastRecord(eventName: string) {
  const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: eventName }];
  const { Events = [] } = await trail.send(new LookupEventsCommand({ LookupAttributes }));
  return JSON.parse(Events[0]?.CloudTrailEvent ?? 'null');
}

const resources = () => [{ ARN: arn, accountId: ACCOUNT, type: 'AWS::DynamoDB::Table' }];
const key = (n: number) => ({ pk: { S: 'a' }, sk: { N: String(n) } });

it('tells of a change of a table with its reply', async () => {
  await enableRecovery(client, 'Audited');
  const { ExportArn } = await startExport(client, { TableArn: arn, S3Bucket: 'nowhere', ClientToken: 'audited' });
  expect(await lastRecord('ExportTableToPointInTime')).toMatchObject({
    eventSource: 'dynamodb.amazonaws.com',
    readOnly: false,
    managementEvent: true,
    requestParameters: { tableArn: arn, s3Bucket: 'nowhere', clientToken: 'audited' },
    responseElements: { exportDescription: { exportArn: ExportArn, exportStatus: 'IN_PROGRESS' } },
    resources: resources(),
  });
});

it('tells of reads without their replies, and of refusals with the error', async () => {
  await client.send(new DescribeTableCommand({ TableName: 'Audited' }));
  expect(await lastRecord('DescribeTable')).toMatchObject({
    readOnly: true,
    requestParameters: { tableName: 'Audited' },
    responseElements: null,
  });
  const refused = new UpdateTimeToLiveCommand({
    TableName: 'Audited',
    TimeToLiveSpecification: { Enabled: false, AttributeName: 'x' },
  });
  await expect(client.send(refused)).rejects.toThrow();
  expect(await lastRecord('UpdateTimeToLive')).toMatchObject({
    errorCode: 'ValidationException',
    errorMessage: 'TimeToLive is already disabled',
    requestParameters: { timeToLiveSpecification: { enabled: false, attributeName: 'x' } },
    responseElements: null,
  });
});

it('tells of calls on items by their keys alone', async () => {
  const secret = { secret: { S: 'not for the trail' } };
  const requests: Array<[eventName: string, send: () => Promise<unknown>, requestParameters: object]> = [
    [
      'PutItem',
      () => client.send(new PutItemCommand({ TableName: 'Audited', Item: { ...key(1), ...secret } })),
      { tableName: 'Audited', key: key(1) },
    ],
    [
      'GetItem',
      () => client.send(new GetItemCommand({ TableName: 'Audited', Key: key(1) })),
      { tableName: 'Audited', key: key(1) },
    ],
    [
      'Query',
      () =>
        client.send(
          new QueryCommand({
            TableName: 'Audited',
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: 'not for the trail' } },
          }),
        ),
      { tableName: 'Audited' },
    ],
    [
      'BatchWriteItem',
      () =>
        client.send(
          new BatchWriteItemCommand({
            RequestItems: {
              Audited: [{ PutRequest: { Item: { ...key(2), ...secret } } }, { DeleteRequest: { Key: key(3) } }],
            },
          }),
        ),
      { requestItems: { Audited: [{ putRequest: { key: key(2) } }, { deleteRequest: { key: key(3) } }] } },
    ],
    [
      'TransactWriteItems',
      () =>
        client.send(
          new TransactWriteItemsCommand({
            TransactItems: [
              { Put: { TableName: 'Audited', Item: { ...key(4), ...secret } } },
              { Delete: { TableName: 'Audited', Key: key(5) } },
            ],
          }),
        ),
      {
        transactItems: [
          { put: { tableName: 'Audited', key: key(4) } },
          { delete: { tableName: 'Audited', key: key(5) } },
        ],
      },
    ],
  ];
  for (const [eventName, send, requestParameters] of requests) {
    await send();
    const record = await lastRecord(eventName);
    expect(record).toMatchObject({ managementEvent: false, responseElements: null, resources: resources() });
    expect(record.requestParameters).toEqual(requestParameters);
    expect(JSON.stringify(record)).not.toContain('not for the trail');
  }
});

it('tells of a filtered export without the values that it compares with', async () => {
  await startExport(client, {
    TableArn: arn,
    S3Bucket: 'nowhere',
    FilterSpecification: {
      FilterExpression: 'artist = :o',
      ExpressionAttributeValues: { ':o': { S: 'confidential' } },
    },
  });
  const record = await lastRecord('ExportTableToPointInTime');
  const filterSpecification = { filterExpression: 'artist = :o' };
  expect(record.requestParameters.filterSpecification).toEqual(filterSpecification);
  expect(record.responseElements.exportDescription.filterSpecification).toEqual(filterSpecification);
  expect(JSON.stringify(record)).not.toContain('confidential');
});
