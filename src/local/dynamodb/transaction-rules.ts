import db from 'dynalite/db/index.js';
import deleteItem from 'dynalite/validations/deleteItem.js';
import getItem from 'dynalite/validations/getItem.js';
import putItem from 'dynalite/validations/putItem.js';
import updateItem from 'dynalite/validations/updateItem.js';
import type { Item } from './dynalite.ts';

/** DynamoDB's limit of items in one transaction. */
const TRANSACTION_ITEMS_MAX = 100;
/** DynamoDB's limit of all items of one transaction together. */
const TRANSACTION_SIZE_BYTES_MAX = 4 * 1024 * 1024;

/** The members that every write of a transaction shares. */
export interface TransactedWrite {
  TableName: string;
  Key: Item;
  Item?: Item;
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

export type WriteKind = 'ConditionCheck' | 'Put' | 'Delete' | 'Update';
export type TransactWriteItem = Partial<Record<WriteKind, TransactedWrite>>;

interface TransactedGet {
  TableName: string;
  Key: Item;
}

export interface TransactWriteItemsRequest {
  TransactItems: TransactWriteItem[];
  ClientRequestToken?: string;
  ReturnConsumedCapacity?: string;
}

export interface TransactGetItemsRequest {
  TransactItems: Array<{ Get: TransactedGet }>;
  ReturnConsumedCapacity?: string;
}

const conditionMembers = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
] as const;

/** A part of a transaction takes the rules of the single operation's members, as far as it has them. */
function part(
  name: string,
  { types }: Dynalite.Validation,
  members: readonly string[],
  required: Dynalite.Members = {},
): Dynalite.MemberRules {
  const children = Object.fromEntries(Object.entries(types).filter(([member]) => members.includes(member)));
  return { type: `FieldStruct<${name}>`, children: { ...children, ...required } };
}

const onFailure = { ReturnValuesOnConditionCheckFailure: { type: 'String', enum: ['ALL_OLD', 'NONE'] } };
const requiredText = { type: 'String', notNull: true };

const transactItems = (item: string, children: Dynalite.Members): Dynalite.MemberRules => ({
  type: 'List',
  notNull: true,
  lengthGreaterThanOrEqual: 1,
  lengthLessThanOrEqual: TRANSACTION_ITEMS_MAX,
  children: { type: `ValueStruct<${item}>`, children },
});

const returnConsumedCapacity: Dynalite.MemberRules = { type: 'String', enum: ['INDEXES', 'TOTAL', 'NONE'] };

export const transactWriteItems: Dynalite.Validation = {
  types: {
    TransactItems: transactItems('TransactWriteItem', {
      ConditionCheck: part('ConditionCheck', deleteItem, ['Key', ...conditionMembers], {
        ConditionExpression: requiredText,
        ...onFailure,
      }),
      Put: part('Put', putItem, ['Item', ...conditionMembers], onFailure),
      Delete: part('Delete', deleteItem, ['Key', ...conditionMembers], onFailure),
      Update: part('Update', updateItem, ['Key', ...conditionMembers], {
        UpdateExpression: requiredText,
        ...onFailure,
      }),
    }),
    ClientRequestToken: { type: 'String', lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 36 },
    ReturnConsumedCapacity: returnConsumedCapacity,
    ReturnItemCollectionMetrics: { type: 'String', enum: ['SIZE', 'NONE'] },
  },
  custom: (request, store) => violationOfWrites(request as TransactWriteItemsRequest, store),
};

export const transactGetItems: Dynalite.Validation = {
  types: {
    TransactItems: transactItems('TransactGetItem', {
      Get: {
        ...part('Get', getItem, ['TableName', 'Key', 'ProjectionExpression', 'ExpressionAttributeNames']),
        notNull: true,
      },
    }),
    ReturnConsumedCapacity: returnConsumedCapacity,
  },
  custom: (request, store) =>
    firstOf((request as TransactGetItemsRequest).TransactItems, ({ Get }) => getItem.custom?.(Get, store)),
};

/** What a condition check may hold is what a deletion may hold. */
const singleOperation = { ConditionCheck: deleteItem, Put: putItem, Delete: deleteItem, Update: updateItem };

function violationOfWrites({ TransactItems }: TransactWriteItemsRequest, store: Pick<Dynalite.Store, 'options'>) {
  const violation = firstOf(TransactItems, (item) => {
    const [write, another] = writesOf(item);
    if (!write || another) return 'TransactItems can only contain one of Check, Put, Update or Delete';
    const [kind, request] = write;
    return singleOperation[kind].custom?.(request, store);
  });
  if (violation) return violation;
  const sizeBytes = TransactItems.reduce((sum, { Put }) => sum + (Put?.Item ? db.itemSize(Put.Item) : 0), 0);
  return sizeBytes > TRANSACTION_SIZE_BYTES_MAX ? 'Transaction request size has exceeded the maximum of 4 MB' : null;
}

/** The one write that an entry of `TransactItems` should have. */
export function writesOf(item: TransactWriteItem): Array<[WriteKind, TransactedWrite]> {
  const kinds: WriteKind[] = ['ConditionCheck', 'Put', 'Delete', 'Update'];
  return kinds.flatMap((kind): Array<[WriteKind, TransactedWrite]> => (item[kind] ? [[kind, item[kind]]] : []));
}

function firstOf<T>(values: readonly T[], violation: (value: T) => string | null | undefined): string | null {
  for (const value of values) {
    const message = violation(value);
    if (message) return message;
  }
  return null;
}
