import type { TableStorage } from '../../engine/index.ts';
import type { Tables } from './tables.ts';

/** What the continuous backups of a table take on this machine, and from when to when it can be restored. Times are ISO 8601. */
export interface BackupStorage {
  /** Null once the table is deleted or its recovery off, while a running export still reads the backups. */
  readonly tableArn: string | null;
  readonly earliestRestorableTime?: string;
  readonly latestRestorableTime?: string;
  /** Snapshots of the table, oldest first: an export at a time reads the last one before it and the log since. */
  readonly bases?: ReadonlyArray<{ readonly time: string; readonly sizeBytes: number; readonly damage?: string }>;
  readonly logBytes?: number;
  /** Bases and log together. */
  readonly sizeBytes?: number;
  /** Why the backups of the table cannot be used, until recovery is turned off and on again. */
  readonly damage?: string;
}

/** The backups of all tables, by the names of the tables. */
export function describeBackupStorage(storages: readonly TableStorage[], tables: Tables): readonly BackupStorage[] {
  const arns = new Map(
    tables.all().map(({ record, description }) => [record.recovery?.backupId, description.TableArn] as const),
  );
  return storages
    .map((storage) => describeTable(storage, arns.get(storage.tableId) ?? null))
    .sort((a, b) => ((a.tableArn ?? '') < (b.tableArn ?? '') ? -1 : 1));
}

function describeTable(storage: TableStorage, tableArn: string | null): BackupStorage {
  if (storage.state === 'DAMAGED') return { tableArn, damage: storage.damage.message };
  const { window, bases, logBytes } = storage;
  return {
    tableArn,
    earliestRestorableTime: isoTime(window.earliestMicros),
    latestRestorableTime: isoTime(window.latestMicros),
    bases: bases.map(({ timeMicros, sizeBytes, damage }) => ({
      time: isoTime(timeMicros),
      sizeBytes,
      ...(damage && { damage: damage.message }),
    })),
    logBytes,
    sizeBytes: bases.reduce((sum, { sizeBytes }) => sum + sizeBytes, logBytes),
  };
}

const isoTime = (micros: number): string => new Date(micros / 1000).toISOString();
