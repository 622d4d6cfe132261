import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTable, dynamoDbClient, startLocalDynamoDb } from './support/local-dynamodb.ts';

let plane: Awaited<ReturnType<typeof startLocalDynamoDb>>;
let client: DynamoDBClient;
let nowMs = Date.parse('2026-11-01T10:00:00Z');

beforeAll(async () => {
  plane = await startLocalDynamoDb({ now: () => nowMs });
  client = dynamoDbClient(plane.endpoint);
  await createTable(client, 'Accounts', {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });
});

afterAll(async () => {
  client.destroy();
  await plane.close();
});

const TableName = 'Accounts';
const keyOf = (id: string) => ({ id: { S: id } });

const open = (id: string, balance: number) =>
  client.send(new PutItemCommand({ TableName, Item: { ...keyOf(id), balance: { N: String(balance) } } }));

async function balanceOf(id: string): Promise<number | undefined> {
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(id) }));
  return Item && Number(Item.balance?.N);
}

/** Adds `amount` when the balance stays at 0 or more. */
const change = (id: string, amount: number): TransactWriteItem => ({
  Update: {
    TableName,
    Key: keyOf(id),
    UpdateExpression: 'SET balance = balance + :amount',
    ConditionExpression: 'balance >= :least',
    ExpressionAttributeValues: { ':amount': { N: String(amount) }, ':least': { N: String(-amount) } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});

const transact = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
  client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));

it('writes puts, updates and deletes together', async () => {
  await open('gone', 1);
  await open('kept', 5);
  await transact([
    {
      Put: {
        TableName,
        Item: { ...keyOf('new'), balance: { N: '7' } },
        ConditionExpression: 'attribute_not_exists(id)',
      },
    },
    { Delete: { TableName, Key: keyOf('gone') } },
    { ConditionCheck: { TableName, Key: keyOf('kept'), ConditionExpression: 'attribute_exists(id)' } },
  ]);
  const { Responses } = await client.send(
    new TransactGetItemsCommand({
      TransactItems: ['new', 'gone', 'kept'].map((id) => ({ Get: { TableName, Key: keyOf(id) } })),
    }),
  );
  expect(Responses).toEqual([
    { Item: { ...keyOf('new'), balance: { N: '7' } } },
    {},
    { Item: { ...keyOf('kept'), balance: { N: '5' } } },
  ]);
});

it('leaves nothing behind when one condition fails, and says which', async () => {
  await open('rich', 100);
  await open('poor', 1);
  const error = transact([change('rich', 50), change('poor', -50)]);
  await expect(error).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    message:
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
    CancellationReasons: [
      { Code: 'None' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: { ...keyOf('poor'), balance: { N: '1' } },
      },
    ],
  });
  expect(await balanceOf('rich')).toBe(100);
});

it('names a write that does not fit its item', async () => {
  await open('typed', 1);
  const wrong: TransactWriteItem = {
    Update: {
      TableName,
      Key: keyOf('typed'),
      UpdateExpression: 'SET #l = list_append(balance, :x)',
      ExpressionAttributeNames: { '#l': 'list' },
      ExpressionAttributeValues: { ':x': { L: [] } },
    },
  };
  await expect(transact([wrong])).rejects.toMatchObject({
    CancellationReasons: [
      { Code: 'ValidationError', Message: 'An operand in the update expression has an incorrect data type' },
    ],
  });
});

it('moves money between accounts at once without making or losing any', async () => {
  const ids = ['a', 'b', 'c', 'd'];
  for (const id of ids) await open(id, 100);
  const transfers = Array.from({ length: 80 }, (_, n) => {
    const from = ids[n % 4] ?? 'a';
    const to = ids[(n * 3 + 1) % 4] ?? 'b';
    return transact([change(from, -30), change(to === from ? (ids[(n + 1) % 4] ?? 'b') : to, 30)]).then(
      () => 'moved',
      (error: Error) => error.name,
    );
  });
  const outcomes = new Set(await Promise.all(transfers));
  expect([...outcomes].every((outcome) => outcome === 'moved' || outcome === 'TransactionCanceledException')).toBe(
    true,
  );
  const balances = await Promise.all(ids.map(balanceOf));
  expect(balances.reduce((sum: number, balance) => sum + (balance ?? 0), 0)).toBe(400);
  expect(Math.min(...balances.map(Number))).toBeGreaterThanOrEqual(0);
});

it('repeats nothing for ten minutes under the same token, and takes no other transaction for it', async () => {
  await open('once', 0);
  await transact([change('once', 10)], 'token-1');
  await transact([change('once', 10)], 'token-1');
  expect(await balanceOf('once')).toBe(10);
  await expect(transact([change('once', 11)], 'token-1')).rejects.toMatchObject({
    name: 'IdempotentParameterMismatchException',
  });
  nowMs += 10 * 60_000 + 1;
  await transact([change('once', 10)], 'token-1');
  expect(await balanceOf('once')).toBe(20);
});

it('runs a transaction once when it is sent twice at the same time', async () => {
  await open('twice', 0);
  await Promise.all([transact([change('twice', 1)], 'token-2'), transact([change('twice', 1)], 'token-2')]);
  expect(await balanceOf('twice')).toBe(1);
});

it.each([
  [
    'two writes of one item',
    () => [change('x', 1), { Delete: { TableName, Key: keyOf('x') } }],
    'Transaction request cannot include multiple operations on one item',
  ],
  [
    'an entry with two writes',
    () => [{ ...change('x', 1), Delete: { TableName, Key: keyOf('y') } }],
    'TransactItems can only contain one of Check, Put, Update or Delete',
  ],
  ['an empty entry', () => [{}], 'TransactItems can only contain one of Check, Put, Update or Delete'],
  [
    'a check without a condition',
    () => [{ ConditionCheck: { TableName, Key: keyOf('x'), ConditionExpression: undefined } }],
    "Value null at 'transactItems.1.member.conditionCheck.conditionExpression' failed to satisfy constraint: Member must not be null",
  ],
  [
    'more than 100 items',
    () => Array.from({ length: 101 }, (_, n) => ({ Delete: { TableName, Key: keyOf(`n${n}`) } })),
    'Member must have length less than or equal to 100',
  ],
])('refuses %s', async (_what, items: () => TransactWriteItem[], message) => {
  await expect(transact(items())).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(message),
  });
});

it('reads items of one moment only', async () => {
  await open('left', 500);
  await open('right', 500);
  const moving = Promise.all(Array.from({ length: 40 }, () => transact([change('left', -5), change('right', 5)])));
  for (let read = 0; read < 20; read += 1) {
    const { Responses = [] } = await client.send(
      new TransactGetItemsCommand({
        TransactItems: ['left', 'right'].map((id) => ({ Get: { TableName, Key: keyOf(id) } })),
      }),
    );
    expect(Responses.reduce((sum, { Item }) => sum + Number(Item?.balance?.N), 0)).toBe(1000);
  }
  await moving;
});
