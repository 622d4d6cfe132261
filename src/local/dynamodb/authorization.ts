import { refusalBySession } from '../aws/session-policy.ts';
import { accessDenied } from './errors.ts';
import type { Requester } from './service-context.ts';
import { tableArn } from './table-arn.ts';

/** The members of requests that name what is acted on, before anything has been validated. */
interface Named {
  readonly TableName?: unknown;
  readonly IndexName?: unknown;
  readonly TableArn?: unknown;
  readonly ResourceArn?: unknown;
  readonly ExportArn?: unknown;
  readonly RequestItems?: unknown;
  readonly TransactItems?: unknown;
}

interface Permission {
  readonly action: string;
  readonly resourceArn: string;
}

/** Operations that IAM knows no resource for. */
const ON_NO_RESOURCE = new Set(['ListTables', 'ListExports', 'DescribeLimits', 'DescribeEndpoints']);

/** The actions that the parts of a transaction need. */
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

/**
 * Holds a call against the policy of its session.
 * @throws DynamoDbError `AccessDeniedException` in IAM's words
 */
export function authorize(operationName: string, data: object, requester: Requester): void {
  if (requester.caller.sessionPolicy === undefined) return;
  for (const { action, resourceArn } of permissionsFor(operationName, data, requester)) {
    const refusal = refusalBySession(requester.caller, action, resourceArn);
    if (refusal !== null) throw accessDenied(refusal);
  }
}

function permissionsFor(operationName: string, data: Named, requester: Requester): Permission[] {
  const action = `dynamodb:${operationName}`;
  if (ON_NO_RESOURCE.has(operationName)) return [{ action, resourceArn: '*' }];
  const arnOf = (nameOrArn: unknown): string => {
    const text = String(nameOrArn);
    return text.startsWith('arn:') ? text : tableArn(requester, text);
  };
  const { TableName, IndexName, TableArn, ResourceArn, ExportArn, RequestItems, TransactItems } = data;
  if (Array.isArray(TransactItems)) {
    return TransactItems.flatMap((entry: Readonly<Record<string, Named>> | null) =>
      Object.entries(entry ?? {}).map(([kind, part]) => ({
        action: `dynamodb:${TRANSACTION_ACTIONS[kind] ?? kind}`,
        resourceArn: arnOf(part?.TableName),
      })),
    );
  }
  if (typeof RequestItems === 'object' && RequestItems !== null) {
    return Object.keys(RequestItems).map((name) => ({ action, resourceArn: arnOf(name) }));
  }
  const resourceArn = arnOf(TableName ?? TableArn ?? ResourceArn ?? ExportArn);
  return [{ action, resourceArn: IndexName === undefined ? resourceArn : `${resourceArn}/index/${String(IndexName)}` }];
}
