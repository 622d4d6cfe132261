import {
  DescribeTableCommand,
  type DynamoDBClient,
  type PointInTimeRecoveryDescription,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { classifyAwsError } from '../aws-errors.ts';
import type { ExportRequest } from '../export-request.ts';
import { wholeSecond, windowProblem } from '../incremental-window.ts';
import { readRecovery } from '../recovery-window.ts';
import { sizeText } from '../size-text.ts';
import type { TableArn } from '../table-arn.ts';
import { type UserError, userError } from '../user-errors.ts';
import { type Check, failed, failedWith, passed, unanswered, unknown } from './check.ts';

export interface TableFindings {
  readonly checks: readonly Check[];
  /** `TableSizeBytes`, up to six hours old; null when the table could not be read. */
  readonly sizeBytes: number | null;
}

/** Whether the table is there, can be recovered, and was there at the times that are asked for. */
export async function checkTable(
  { dynamodb }: { readonly dynamodb: DynamoDBClient },
  request: ExportRequest,
  now: Date,
): Promise<TableFindings> {
  const [table, recovery] = await Promise.all([
    describeTable(dynamodb, request.table),
    describeRecovery(dynamodb, request.table),
  ]);
  const found = 'found' in table ? table.found : null;
  const tableCheck = found
    ? passed(
        'TABLE',
        `The table ${request.table.tableName} has ${sizeText(found.TableSizeBytes ?? 0)}, as of up to six hours ago.`,
      )
    : explained('TABLE', table);
  if (!found || !('found' in recovery)) {
    const recoveryCheck = found ? explained('POINT_IN_TIME_RECOVERY', recovery) : notLookedAt('POINT_IN_TIME_RECOVERY');
    return {
      checks: [tableCheck, recoveryCheck, notLookedAt('EXPORT_TIME')],
      sizeBytes: found?.TableSizeBytes ?? null,
    };
  }
  return {
    checks: [tableCheck, ...checkTimes(request, found, recovery.found, now)],
    sizeBytes: found.TableSizeBytes ?? 0,
  };
}

type Answer<T> = { readonly found: T } | { readonly error: UserError } | { readonly unanswered: string };

async function describeTable(dynamodb: DynamoDBClient, table: TableArn): Promise<Answer<TableDescription>> {
  return ask<TableDescription>(table, async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: table.tableName }));
    return Table?.TableArn === table.arn ? { found: Table } : { error: tableNotFound(table) };
  });
}

async function describeRecovery(
  dynamodb: DynamoDBClient,
  table: TableArn,
): Promise<Answer<PointInTimeRecoveryDescription>> {
  return ask<PointInTimeRecoveryDescription>(table, async () => {
    const recovery = await readRecovery(dynamodb, table.tableName);
    if (recovery !== null) return { found: recovery };
    const message = `Point in time recovery is not enabled for table '${table.tableName}'`;
    return { error: userError('POINT_IN_TIME_RECOVERY_UNAVAILABLE', message, TABLE_FIELD) };
  });
}

async function ask<T>(table: TableArn, question: () => Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await question();
  } catch (error) {
    const failure = classifyAwsError(error);
    if (failure.kind === 'RETRYABLE') return { unanswered: failure.message };
    if (failure.error.code === 'TABLE_NOT_FOUND') return { error: tableNotFound(table) };
    return { error: { ...failure.error, field: TABLE_FIELD } };
  }
}

const TABLE_FIELD = ['input', 'tableArn'];

const tableNotFound = ({ arn }: TableArn) => userError('TABLE_NOT_FOUND', `Table not found: ${arn}`, TABLE_FIELD);

const notLookedAt = (code: Check['code']) => unknown(code, 'The table could not be read.');

function explained(code: Check['code'], answer: Answer<unknown>): Check {
  if ('error' in answer) return failedWith(code, answer.error);
  return 'unanswered' in answer ? unanswered(code, answer.unanswered) : notLookedAt(code);
}

function checkTimes(
  { exportTime, incrementalExport }: ExportRequest,
  table: TableDescription,
  recovery: PointInTimeRecoveryDescription,
  now: Date,
): Check[] {
  const { EarliestRestorableDateTime: earliest = null } = recovery;
  const restorable = `from ${earliest?.toISOString() ?? 'a time that AWS does not tell'} to ${now.toISOString()}`;
  const recoverable = passed('POINT_IN_TIME_RECOVERY', `The table can be exported as of any time ${restorable}.`);
  if (incrementalExport) {
    const past = { tableCreatedAt: table.CreationDateTime ?? null, earliestRestorable: earliest, now };
    const problem = windowProblem(incrementalExport, past);
    const field = ['input', 'incrementalExport'];
    if (problem !== null) {
      return [recoverable, failedWith('EXPORT_TIME', userError('INVALID_EXPORT_WINDOW', problem, field))];
    }
    const { exportFromTime, exportToTime } = incrementalExport;
    const message = `The window from ${exportFromTime} to ${exportToTime ?? wholeSecond(now)} lies within it.`;
    return [recoverable, passed('EXPORT_TIME', message, field)];
  }
  if (exportTime === null)
    return [recoverable, passed('EXPORT_TIME', 'The table is exported as it is when it starts.')];
  // The last five minutes lie behind `LatestRestorableDateTime`, yet DynamoDB has exported from them (facts §1.6), so
  // what is neither too early nor in the future is left to DynamoDB.
  const time = new Date(exportTime);
  if ((earliest === null || time >= earliest) && time <= now) {
    return [recoverable, passed('EXPORT_TIME', `${exportTime} lies within it.`)];
  }
  const message = `Export Time is invalid: ${exportTime} is not ${restorable}`;
  return [recoverable, failed('EXPORT_TIME', 'INVALID_EXPORT_TIME', message)];
}
