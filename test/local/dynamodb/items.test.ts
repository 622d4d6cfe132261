import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  ListBackupsCommand,
  PutItemCommand,
  paginateQuery,
  paginateScan,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTable, dynamoDbClient, startLocalDynamoDb } from './support/local-dynamodb.ts';

let plane: Awaited<ReturnType<typeof startLocalDynamoDb>>;
let client: DynamoDBClient;

beforeAll(async () => {
  plane = await startLocalDynamoDb();
  client = dynamoDbClient(plane.endpoint);
});

afterAll(async () => {
  client.destroy();
  await plane.close();
});

const key = (pk: string, sk: number) => ({ pk: { S: pk }, sk: { N: String(sk) } });

describe('single items', () => {
  beforeAll(() => createTable(client, 'Music'));

  it('keeps every type of attribute as it was sent, numbers in their plain form', async () => {
    const Item = {
      ...key('types', 1),
      s: { S: 'Zürich \u0001 "quoted"' },
      n: { N: '-1.50e3' },
      b: { B: new Uint8Array([0, 255, 7]) },
      ss: { SS: ['b', 'a'] },
      ns: { NS: ['1', '2.50'] },
      bs: { BS: [new Uint8Array([1]), new Uint8Array([2])] },
      bool: { BOOL: false },
      null: { NULL: true },
      l: { L: [{ S: 'x' }, { M: { y: { N: '1' } } }] },
      m: { M: {} },
      empty: { S: '' },
    };
    await client.send(new PutItemCommand({ TableName: 'Music', Item }));
    const { Item: read } = await client.send(new GetItemCommand({ TableName: 'Music', Key: key('types', 1) }));
    expect(read).toEqual({ ...Item, n: { N: '-1500' }, ns: { NS: ['1', '2.5'] } });
  });

  it('updates, returns old and new values, and deletes', async () => {
    const where = { TableName: 'Music', Key: key('update', 1) };
    await client.send(new PutItemCommand({ TableName: 'Music', Item: { ...key('update', 1), plays: { N: '1' } } }));
    const updated = await client.send(
      new UpdateItemCommand({
        ...where,
        UpdateExpression: 'SET plays = plays + :one, tags = list_append(if_not_exists(tags, :none), :tags)',
        ExpressionAttributeValues: { ':one': { N: '1' }, ':none': { L: [] }, ':tags': { L: [{ S: 'live' }] } },
        ReturnValues: 'ALL_NEW',
      }),
    );
    expect(updated.Attributes).toEqual({ ...key('update', 1), plays: { N: '2' }, tags: { L: [{ S: 'live' }] } });
    const deleted = await client.send(new DeleteItemCommand({ ...where, ReturnValues: 'ALL_OLD' }));
    expect(deleted.Attributes).toEqual(updated.Attributes);
    expect((await client.send(new GetItemCommand(where))).Item).toBeUndefined();
  });

  it('refuses a write whose condition fails, with the item when asked for', async () => {
    const Item = { ...key('condition', 1), version: { N: '3' } };
    await client.send(new PutItemCommand({ TableName: 'Music', Item }));
    const put = new PutItemCommand({
      TableName: 'Music',
      Item: { ...key('condition', 1), version: { N: '9' } },
      ConditionExpression: 'version = :expected',
      ExpressionAttributeValues: { ':expected': { N: '2' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const error = await client.send(put).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ message: 'The conditional request failed', Item });
    expect((await client.send(new GetItemCommand({ TableName: 'Music', Key: key('condition', 1) }))).Item).toEqual(
      Item,
    );
  });

  it('loses no update of many at once', async () => {
    const add = () =>
      client.send(
        new UpdateItemCommand({
          TableName: 'Music',
          Key: key('counter', 1),
          UpdateExpression: 'ADD hits :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        }),
      );
    await Promise.all(Array.from({ length: 60 }, add));
    const { Item } = await client.send(new GetItemCommand({ TableName: 'Music', Key: key('counter', 1) }));
    expect(Item?.hits).toEqual({ N: '60' });
  });

  it('takes the ARN of a table where its name is asked for', async () => {
    const { arn } = await createTable(client, 'ByArn');
    await client.send(new PutItemCommand({ TableName: arn, Item: key('a', 1) }));
    const batch = await client.send(new BatchGetItemCommand({ RequestItems: { [arn]: { Keys: [key('a', 1)] } } }));
    expect(batch.Responses).toEqual({ [arn]: [key('a', 1)] });
    const foreign = arn.replace('111122223333', '444455556666');
    await expect(client.send(new DescribeTableCommand({ TableName: foreign }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: 'Access is denied',
    });
  });
});

describe('refusals', () => {
  beforeAll(() => createTable(client, 'Strict'));

  const cases: Array<[what: string, () => Promise<unknown>, name: string, message: string]> = [
    [
      'an unknown table',
      () => client.send(new GetItemCommand({ TableName: 'Missing', Key: key('a', 1) })),
      'ResourceNotFoundException',
      'Requested resource not found',
    ],
    [
      'an incomplete key',
      () => client.send(new GetItemCommand({ TableName: 'Strict', Key: { pk: { S: 'a' } } })),
      'ValidationException',
      'The provided key element does not match the schema',
    ],
    [
      'a key of the wrong type',
      () => client.send(new PutItemCommand({ TableName: 'Strict', Item: { pk: { N: '1' }, sk: { N: '1' } } })),
      'ValidationException',
      'One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N',
    ],
    [
      'an item of more than 400 KB',
      () =>
        client.send(
          new PutItemCommand({ TableName: 'Strict', Item: { ...key('big', 1), x: { S: 'x'.repeat(409_600) } } }),
        ),
      'ValidationException',
      'Item size has exceeded the maximum allowed size',
    ],
    [
      'more than 25 writes over all tables of a batch',
      () => {
        const writes = (count: number) =>
          Array.from({ length: count }, (_, n) => ({ PutRequest: { Item: key(`item${n}`, n) } }));
        return client.send(new BatchWriteItemCommand({ RequestItems: { Strict: writes(20), Other: writes(6) } }));
      },
      'ValidationException',
      'Too many items requested for the BatchWriteItem call',
    ],
    [
      'a page size of 0',
      () => client.send(new ScanCommand({ TableName: 'Strict', Limit: 0 })),
      'ValidationException',
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
  ];

  it.each(cases)('refuses %s', async (_what, call, name, message) => {
    await expect(call()).rejects.toMatchObject({ name, message, $metadata: { httpStatusCode: 400 } });
  });

  it('answers an operation that it does not know', async () => {
    await expect(client.send(new ListBackupsCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('batches and pages', () => {
  const count = 260;

  beforeAll(async () => {
    await createTable(client, 'Pages', {
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
        { AttributeName: 'genre', AttributeType: 'S' },
        { AttributeName: 'year', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'ByGenre',
          KeySchema: [{ AttributeName: 'genre', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: 'ByYear',
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'year', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
    for (let start = 0; start < count; start += 25) {
      const PutRequests = Array.from({ length: Math.min(25, count - start) }, (_, offset) => {
        const n = start + offset;
        const Item = {
          ...key(`artist${n % 4}`, n),
          genre: { S: n % 2 ? 'jazz' : 'rock' },
          year: { N: String(2000 - n) },
          title: { S: `song ${n}` },
        };
        return { PutRequest: { Item } };
      });
      await client.send(new BatchWriteItemCommand({ RequestItems: { Pages: PutRequests } }));
    }
  });

  it('scans all items page by page, and in segments', async () => {
    const seen: string[] = [];
    for (const Segment of [0, 1, 2]) {
      const pages = paginateScan({ client, pageSize: 17 }, { TableName: 'Pages', Segment, TotalSegments: 3 });
      for await (const { Items = [] } of pages) seen.push(...Items.map(({ sk }) => sk?.N ?? ''));
    }
    expect(seen.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
  });

  it.each([true, false])('queries a partition in the order of its sort key, forward: %s', async (forward) => {
    const found: number[] = [];
    const pages = paginateQuery(
      { client, pageSize: 7 },
      {
        TableName: 'Pages',
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :low AND :high',
        ExpressionAttributeValues: { ':pk': { S: 'artist1' }, ':low': { N: '9' }, ':high': { N: '101' } },
        ScanIndexForward: forward,
      },
    );
    for await (const { Items = [] } of pages) found.push(...Items.map(({ sk }) => Number(sk?.N)));
    const expected = Array.from({ length: count }, (_, n) => n).filter((n) => n % 4 === 1 && n >= 9 && n <= 101);
    expect(found).toEqual(forward ? expected : expected.reverse());
  });

  it.each([true, false])('pages through a global index with equal keys, forward: %s', async (forward) => {
    const found: number[] = [];
    const pages = paginateQuery(
      { client, pageSize: 11 },
      {
        TableName: 'Pages',
        IndexName: 'ByGenre',
        KeyConditionExpression: 'genre = :genre',
        ExpressionAttributeValues: { ':genre': { S: 'jazz' } },
        ScanIndexForward: forward,
      },
    );
    for await (const { Items = [] } of pages) {
      for (const item of Items) {
        expect(Object.keys(item).sort()).toEqual(['genre', 'pk', 'sk']);
        found.push(Number(item.sk?.N));
      }
    }
    expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: count / 2 }, (_, n) => 2 * n + 1));
  });

  it('fetches whole items through a local index', async () => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: 'Pages',
        IndexName: 'ByYear',
        KeyConditionExpression: 'pk = :pk AND #year > :year',
        ExpressionAttributeNames: { '#year': 'year' },
        ExpressionAttributeValues: { ':pk': { S: 'artist2' }, ':year': { N: '1989' } },
        Select: 'ALL_ATTRIBUTES',
      }),
    );
    expect(Items.map(({ title }) => title?.S)).toEqual(['song 10', 'song 6', 'song 2']);
  });

  it('counts items and index entries exactly', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'Pages' }));
    expect(Table?.ItemCount).toBe(count);
    expect(Table?.GlobalSecondaryIndexes?.[0]?.ItemCount).toBe(count);
    expect(Table?.LocalSecondaryIndexes?.[0]?.ItemCount).toBe(count);
    expect(Table?.TableSizeBytes).toBeGreaterThan(count * 20);
  });

  it('moves index entries with their items, and drops those of deleted ones', async () => {
    const jazz = async () => {
      const { Count } = await client.send(
        new QueryCommand({
          TableName: 'Moves',
          IndexName: 'ByGenre',
          KeyConditionExpression: 'genre = :genre',
          ExpressionAttributeValues: { ':genre': { S: 'jazz' } },
        }),
      );
      return Count;
    };
    await createTable(client, 'Moves', {
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'genre', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'ByGenre',
          KeySchema: [{ AttributeName: 'genre', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
    const put = (genre?: string) =>
      client.send(
        new PutItemCommand({ TableName: 'Moves', Item: { pk: { S: 'a' }, ...(genre && { genre: { S: genre } }) } }),
      );
    await put('jazz');
    expect(await jazz()).toBe(1);
    await put('rock');
    expect(await jazz()).toBe(0);
    await put('jazz');
    await put();
    expect(await jazz()).toBe(0);
    await put('jazz');
    await client.send(new DeleteItemCommand({ TableName: 'Moves', Key: { pk: { S: 'a' } } }));
    expect(await jazz()).toBe(0);
  });
});
