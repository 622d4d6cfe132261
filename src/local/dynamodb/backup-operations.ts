import type { ContinuousBackups } from './continuous-backups.ts';
import { parseRequest } from './dynalite.ts';
import { continuousBackupsUnavailable, tableNotFound, validationError } from './errors.ts';
import type { OperationContext, Requester, ServiceContext } from './service-context.ts';
import type { Table } from './table.ts';
import { resolveTableName } from './table-arn.ts';

const RECOVERY_PERIOD_DAYS_MAX = 35;
/** The latest restorable time trails the present by five minutes, though exports are taken up to now (facts §1.8). */
const LATEST_BEHIND_NOW_MICROS = 300 * 1_000_000;

const tableName: Dynalite.MemberRules = {
  type: 'String',
  notNull: true,
  lengthGreaterThanOrEqual: 1,
  lengthLessThanOrEqual: 1024,
};

const describeRules: Dynalite.Validation = { types: { TableName: tableName } };

const updateRules: Dynalite.Validation = {
  types: {
    TableName: tableName,
    PointInTimeRecoverySpecification: {
      type: 'FieldStruct<PointInTimeRecoverySpecification>',
      notNull: true,
      children: {
        PointInTimeRecoveryEnabled: { type: 'Boolean', notNull: true },
        RecoveryPeriodInDays: {
          type: 'Integer',
          greaterThanOrEqual: 1,
          lessThanOrEqual: RECOVERY_PERIOD_DAYS_MAX,
        },
      },
    },
  },
};

interface UpdateRequest {
  readonly TableName: string;
  readonly PointInTimeRecoverySpecification: {
    readonly PointInTimeRecoveryEnabled: boolean;
    readonly RecoveryPeriodInDays?: number;
  };
}

export async function describeContinuousBackups(
  { tables, commits, backups }: OperationContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const { TableName } = parseRequest<{ TableName: string }>({ ...data }, describeRules);
  return describe(findTable(tables, requester, TableName), backups, commits.nowMs() * 1000);
}

export async function updateContinuousBackups(
  { tables, commits, backups }: OperationContext,
  requester: Requester,
  data: object,
): Promise<object> {
  const { TableName, PointInTimeRecoverySpecification: wanted } = parseRequest<UpdateRequest>({ ...data }, updateRules);
  const { PointInTimeRecoveryEnabled: enabled, RecoveryPeriodInDays: periodDays } = wanted;
  if (!enabled && periodDays !== undefined) {
    throw validationError('RecoveryPeriodInDays can only be specified when PointInTimeRecoveryEnabled is true');
  }
  const table = findTable(tables, requester, TableName);
  if (table.record.isImporting) {
    throw continuousBackupsUnavailable(`Backups are being enabled for the table: ${table.name}. Please retry later`);
  }
  if (enabled) await backups.enable(table, periodDays ?? RECOVERY_PERIOD_DAYS_MAX);
  else await backups.disable(table);
  return describe(table, backups, commits.nowMs() * 1000);
}

function findTable(tables: ServiceContext['tables'], requester: Requester, nameOrArn: string): Table {
  const table = tables.find(requester, resolveTableName(nameOrArn, requester));
  if (!table) throw tableNotFound(`Table not found: ${nameOrArn}`);
  return table;
}

function describe(table: Table, backups: ContinuousBackups, nowMicros: number): object {
  const window = backups.window(table);
  return {
    ContinuousBackupsDescription: {
      // Backups themselves are on for good; this does not follow point-in-time recovery.
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: window
        ? {
            PointInTimeRecoveryStatus: 'ENABLED',
            RecoveryPeriodInDays: table.record.recovery?.periodDays,
            EarliestRestorableDateTime: wholeSeconds(window.earliestMicros),
            LatestRestorableDateTime: wholeSeconds(
              Math.max(window.earliestMicros, nowMicros - LATEST_BEHIND_NOW_MICROS),
            ),
          }
        : { PointInTimeRecoveryStatus: 'DISABLED' },
    },
  };
}

export const wholeSeconds = (micros: number): number => Math.floor(micros / 1_000_000);
