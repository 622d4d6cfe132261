import { accessDenied, resourceNotFound, validationError } from './errors.ts';
import type { Scope } from './table.ts';

export const tableArn = ({ accountId, region }: Scope, name: string): string =>
  `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;

export interface ResourceArn extends Scope {
  readonly partition: string;
  readonly service: string;
  /** Everything behind the account, such as `table/Music/index/ByYear`. */
  readonly resource: string;
}

/** Splits an ARN, or returns undefined for what is none. */
export function parseArn(text: string): ResourceArn | undefined {
  const [literal, partition = '', service = '', region = '', accountId = '', ...resource] = text.split(':');
  if (literal !== 'arn' || resource.length === 0) return;
  return { partition, service, region, accountId, resource: resource.join(':') };
}

/** The name in the ARN of a table itself, not of one of its indexes, streams or exports. */
export function tableNameIn(resource: string): string | undefined {
  const [kind, name, ...rest] = resource.split('/');
  return kind === 'table' && name && rest.length === 0 ? name : undefined;
}

/**
 * The table name that a `TableName` member means: most operations take an ARN there as well.
 * @throws DynamoDbError for the table of another account or Region
 */
export function resolveTableName(nameOrArn: string, scope: Scope): string {
  if (!nameOrArn.startsWith('arn:')) return nameOrArn;
  const arn = parseArn(nameOrArn);
  const name = arn && tableNameIn(arn.resource);
  if (!arn || !name || arn.service !== 'dynamodb') throw validationError(`Invalid table ARN: ${nameOrArn}`);
  if (arn.accountId !== scope.accountId) throw accessDenied();
  if (arn.region !== scope.region) throw resourceNotFound(`Requested resource not found: ${nameOrArn} not found`);
  return name;
}
