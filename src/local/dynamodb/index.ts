import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClassicLevel } from 'classic-level';
import { openBackups } from '../../engine/index.ts';
import type { AwsService } from '../aws/service.ts';
import type { ExportObjects, ImportObjects } from '../s3/object-store.ts';
import { Archiver } from './archiver.ts';
import { Background } from './background.ts';
import { type BackupStorage, describeBackupStorage } from './backup-storage.ts';
import { CommitQueue } from './commit-queue.ts';
import { ContinuousBackups } from './continuous-backups.ts';
import { removeDoomedRows } from './doomed-rows.ts';
import { Exports } from './exports/exports.ts';
import { Imports } from './imports/imports.ts';
import { backfillIndexes } from './index-backfill.ts';
import { KeyLocks } from './key-locks.ts';
import type { ServiceContext } from './service-context.ts';
import { Store } from './store.ts';
import { ChangeStreams, type TableStreams } from './streams.ts';
import type { Table } from './table.ts';
import { Tables } from './tables.ts';
import { sweepExpiredItems } from './time-to-live.ts';
import { dropExpiredTokens } from './transaction-tokens.ts';
import { answer } from './wire.ts';

export type { TableStreams } from './streams.ts';

const MAINTENANCE_INTERVAL_MS = 30_000;

export interface DynamoDbOptions {
  /** The one embedded store of the process; a sublevel of it is used. */
  readonly database: ClassicLevel<string, string>;
  /** A folder of its own, for continuous backups and the files of running exports. */
  readonly directory: string;
  /** Where exports go, and imports come from. */
  readonly objects: ExportObjects & ImportObjects;
  /** The bundle of the engine's `export-worker.ts`, beside which those of this service's own threads lie. */
  readonly workerFile: URL | string;
  /** Wall clock in milliseconds. */
  readonly now?: () => number;
  /** How often expired items, spent records and superseded backups are removed. */
  readonly maintenanceIntervalMs?: number;
}

export interface DynamoDbService extends AwsService {
  readonly streams: TableStreams;
  /** What the continuous backups of all tables take on this machine. */
  backupStorage(): readonly BackupStorage[];
  /** Finishes what is being written. Exports that run are taken up again at the next start. */
  close(): Promise<void>;
}

/** The embedded DynamoDB: tables with items, indexes, streams, continuous backups, exports and imports. */
export async function openDynamoDb(options: DynamoDbOptions): Promise<DynamoDbService> {
  const { database, directory, objects, workerFile, now = Date.now } = options;
  await mkdir(directory, { recursive: true });
  const store = await Store.open(database);
  const context: ServiceContext = {
    store,
    tables: await Tables.open(store),
    commits: CommitQueue.open(store, now),
    locks: new KeyLocks(),
  };
  const engine = await openBackups({
    directory: path.join(directory, 'backups'),
    workerFile,
    now: () => context.commits.nowMs(),
  });
  const backups = new ContinuousBackups(context, engine);
  const archiver = new Archiver(context, engine);
  const streams = new ChangeStreams(context);
  const exports = new Exports({
    context,
    engine,
    backups,
    archiver,
    objects,
    directory: path.join(directory, 'exports'),
    filterFile: beside(workerFile, 'item-filter.mjs'),
  });
  const imports = new Imports({
    context,
    objects,
    directory: path.join(directory, 'imports'),
    workerFile: beside(workerFile, 'import-worker.mjs'),
    sorterFile: beside(workerFile, 'import-sort-worker.mjs'),
  });
  const background = new Background();
  const backfill = (table: Table) =>
    background.start(`filling the indexes of table ${table.name}`, (signal) => backfillIndexes(context, table, signal));

  context.commits.onDurable(() => {
    streams.announce();
    archiver.announce();
  });
  await backups.recover();
  await exports.recover();
  await backups.collectRetired();
  await imports.recover();
  for (const table of context.tables.all()) {
    // An import fills the indexes of its table itself.
    if (!table.record.isImporting) backfill(table);
  }
  archiver.announce();

  background.repeat('maintenance of the tables', options.maintenanceIntervalMs ?? MAINTENANCE_INTERVAL_MS, [
    (signal) => sweepExpiredItems(context, signal),
    () => removeDoomedRows(context),
    () => dropExpiredTokens(context),
    () => exports.store.dropExpired(),
    () => imports.store.dropExpired(),
    async () => {
      for (const table of context.tables.all()) await archiver.trim(table);
    },
    () => engine.maintain(context.commits.nowMs() * 1000),
  ]);
  const operationContext = { ...context, backups, exports, imports, backfill };

  return {
    eventSource: 'dynamodb.amazonaws.com',
    streams,
    handle: (call) => answer(call, operationContext),
    backupStorage: () => describeBackupStorage(engine.storage(context.commits.nowMs() * 1000 + 999), context.tables),
    async close() {
      const stopped = background.close();
      await archiver.close();
      const ended = Promise.all([exports.close(), imports.close()]);
      await engine.close();
      await Promise.all([stopped, ended]);
      // A store that broke has told everybody who waited for it.
      await context.commits.settled().catch(() => undefined);
    },
  };
}

/** The path of a bundle that lies in the folder of another. */
function beside(file: URL | string, name: string): string {
  return path.join(path.dirname(typeof file === 'string' ? file : fileURLToPath(file)), name);
}
