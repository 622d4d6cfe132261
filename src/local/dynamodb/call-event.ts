import { inLowerCamelCase } from '../aws/lower-camel-case.ts';
import type { CallEvent } from '../aws/service.ts';
import type { Item } from './dynalite.ts';
import { DynamoDbError } from './errors.ts';
import type { Operation } from './operations.ts';
import type { Scope } from './table.ts';
import { primaryKeyOf } from './table.ts';
import { parseArn, tableArn } from './table-arn.ts';
import type { Tables } from './tables.ts';

/** What CloudTrail is told of a call that names no operation of this service. */
export const unknownCall = (target: string, error: DynamoDbError): CallEvent => ({
  eventName: target.split('.').at(-1) || 'Unknown',
  readOnly: true,
  managementEvent: true,
  requestParameters: null,
  responseElements: null,
  errorCode: error.code,
});

/**
 * What CloudTrail is told of a call: parameters in lower camel case, of items nothing but their keys, and the reply of
 * calls that changed a table.
 */
export function callEvent(
  name: string,
  { readOnly, onItems }: Operation,
  data: object,
  outcome: { readonly reply: object } | { readonly error: unknown },
  tables: Tables,
  scope: Scope,
): CallEvent {
  const names = tableNamesIn(data);
  const keysOnly = (nameOrArn: string, item: Item): object | undefined => {
    const table = tables.find(scope, plainName(nameOrArn));
    return table && primaryKeyOf(item, table.description);
  };
  return {
    eventName: name,
    readOnly,
    managementEvent: !onItems,
    requestParameters: onItems ? itemParameters(data, keysOnly) : tableParameters(data),
    responseElements: 'reply' in outcome && !readOnly && !onItems ? tableParameters(outcome.reply) : null,
    ...('error' in outcome && refusal(outcome.error)),
    ...(names.length > 0 && {
      resources: names.map((nameOrArn) => ({
        ARN: tableArn(scope, plainName(nameOrArn)),
        accountId: scope.accountId,
        type: 'AWS::DynamoDB::Table',
      })),
    }),
  };
}

function refusal(error: unknown): Pick<CallEvent, 'errorCode' | 'errorMessage'> {
  if (!(error instanceof DynamoDbError)) return { errorCode: 'InternalServerError' };
  return { errorCode: error.code, errorMessage: error.message };
}

/** The values that a filter compares with are content of items, which the trail is not to hold. */
function tableParameters(data: object): Record<string, unknown> {
  return inLowerCamelCase(
    JSON.parse(JSON.stringify(data, (name, value) => (name === 'ExpressionAttributeValues' ? undefined : value))),
  );
}

type KeysOnly = (nameOrArn: string, item: Item) => object | undefined;

/** The request as far as the trail needs it; anything that does not have the expected shape is left out. */
interface ItemRequest {
  readonly TableName?: unknown;
  readonly IndexName?: unknown;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly RequestItems?: Record<string, unknown>;
  readonly TransactItems?: unknown;
}

function itemParameters(data: ItemRequest, keysOnly: KeysOnly): CallEvent['requestParameters'] {
  const { TableName, IndexName, RequestItems, TransactItems } = data;
  if (RequestItems) {
    const requests = Object.entries(RequestItems).map(([name, request]) => [
      name,
      requestKeys(name, request, keysOnly),
    ]);
    return { requestItems: Object.fromEntries(requests) };
  }
  if (Array.isArray(TransactItems)) {
    return {
      transactItems: TransactItems.map((entry: Record<string, ItemRequest>) =>
        Object.fromEntries(
          Object.entries(entry ?? {}).map(([kind, write]) => [lowerFirst(kind), itemParameters(write ?? {}, keysOnly)]),
        ),
      ),
    };
  }
  const key = typeof TableName === 'string' ? keysOnly(TableName, data.Key ?? data.Item ?? {}) : undefined;
  return {
    ...(TableName !== undefined && { tableName: TableName }),
    ...(IndexName !== undefined && { indexName: IndexName }),
    ...(key && { key }),
  };
}

/** Keys stay as they are: the names in them are the users' own. */
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** Keys of one table's part of a batch, for reads (`Keys`) and writes (a list of requests). */
function requestKeys(name: string, request: unknown, keysOnly: KeysOnly): unknown {
  if (Array.isArray(request)) {
    return request.map((write: { PutRequest?: { Item?: Item }; DeleteRequest?: { Key?: Item } }) =>
      write?.PutRequest
        ? { putRequest: { key: keysOnly(name, write.PutRequest.Item ?? {}) } }
        : { deleteRequest: { key: keysOnly(name, write?.DeleteRequest?.Key ?? {}) } },
    );
  }
  return typeof request === 'object' && request !== null && 'Keys' in request ? { keys: request.Keys } : {};
}

/** Names or ARNs of the tables that a request speaks of. */
function tableNamesIn(
  data: ItemRequest & {
    TableArn?: unknown;
    ResourceArn?: unknown;
    ExportArn?: unknown;
    ImportArn?: unknown;
    TableCreationParameters?: { TableName?: unknown };
  },
): string[] {
  const { TableName, TableArn, ResourceArn, ExportArn, ImportArn, RequestItems, TransactItems } = data;
  const single = [TableName, TableArn, ResourceArn, ExportArn, ImportArn, data.TableCreationParameters?.TableName];
  const transacted = Array.isArray(TransactItems)
    ? TransactItems.flatMap((entry: Record<string, ItemRequest>) =>
        Object.values(entry ?? {}).map((write) => write?.TableName),
      )
    : [];
  const names = [...single, ...Object.keys(RequestItems ?? {}), ...transacted];
  return [...new Set(names.filter((name): name is string => typeof name === 'string'))];
}

const plainName = (nameOrArn: string): string => parseArn(nameOrArn)?.resource.split('/')[1] ?? nameOrArn;
