import { randomBytes } from 'node:crypto';
import { accessDenied, type DynamoDbError, invalidRequest, validationError } from './errors.ts';
import type { Requester, ServiceContext } from './service-context.ts';
import { parseArn, tableNameIn } from './table-arn.ts';

export type JobKind = 'export' | 'import';

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** An id from the time of the start, so that ids are in the order of their jobs (facts §1.4). */
export const newJobId = (startMs: number): string => `0${startMs}-${randomBytes(4).toString('hex')}`;

/**
 * The id in the ARN of an export or import of the requester's.
 * @param notFound for an ARN that is well-formed but of another Region
 * @throws DynamoDbError in the order and words of facts §1.6
 */
export function jobIdIn(
  text: string,
  kind: JobKind,
  requester: Requester,
  notFound: (message: string) => DynamoDbError,
): string {
  const title = kind === 'export' ? 'Export' : 'Import';
  const arn = parseArn(text);
  if (!arn) throw validationError(`Invalid ${title} ARN`);
  const isOwn = arn.partition === 'aws' && arn.service === 'dynamodb' && arn.accountId === requester.accountId;
  if (!isOwn || !REGION.test(arn.region)) throw accessDenied();
  const [table, name, itsKind, jobId, ...rest] = arn.resource.split('/');
  if (table !== 'table' || !name || itsKind !== kind || !jobId || rest.length > 0) {
    throw validationError(`Invalid ${title} ARN`);
  }
  if (arn.region !== requester.region) throw notFound(`${title} not found: Invalid ${kind} arn`);
  return jobId;
}

/** The id of the table that a list is asked for, null when there is none, undefined for all tables. */
export function listedTableId(
  text: string | undefined,
  tables: ServiceContext['tables'],
  requester: Requester,
): string | null | undefined {
  if (text === undefined) return;
  const arn = parseArn(text);
  if (!arn) throw validationError('One or more parameter values were invalid: tableArn is not a valid ARN');
  if (arn.accountId !== requester.accountId) throw accessDenied();
  const name = tableNameIn(arn.resource);
  if (!name) throw invalidRequest('Table ARN is invalid.');
  return tables.find(requester, name)?.id ?? null;
}
