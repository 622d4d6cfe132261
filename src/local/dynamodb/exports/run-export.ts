import { link, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Backups, ExportRequest } from '../../../engine/index.ts';
import type { ExportObjects } from '../../s3/object-store.ts';
import { partitionHashOf } from '../archiver.ts';
import type { JobStore } from '../job-store.ts';
import { manifestFiles, manifestSummary, md5Base64 } from './manifests.ts';
import {
  dataKey,
  destinationOf,
  type ExportRecord,
  formatOf,
  keyOfExport,
  type RecordedFile,
  summaryKey,
} from './record.ts';

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain';

/** What DynamoDB bills at least for what it reads of a window (facts §6). */
const INCREMENTAL_BILLED_BYTES_MIN = 10_000_000;

const UPLOADS_AT_ONCE = 8;

export interface ExportRunner {
  readonly engine: Pick<Backups, 'export'>;
  readonly objects: ExportObjects;
  readonly exports: JobStore<ExportRecord>;
  /** Service time in milliseconds. */
  readonly nowMs: () => number;
  /** The bundle of `item-filter.ts`. */
  readonly filterFile: string;
  /** Where the files of a running export lie until they are uploaded. */
  readonly folderOf: (jobId: string) => string;
}

/**
 * Takes an export from IN_PROGRESS to COMPLETED, or throws why it cannot be. It may be run again after an interruption
 * at any point: every object has the same name then and replaces itself. The summary's checksum comes last, so a reader
 * who sees it finds everything else in place.
 */
export async function runExport(runner: ExportRunner, record: ExportRecord): Promise<void> {
  const { objects, exports, nowMs, folderOf } = runner;
  const destination = destinationOf(record);
  const folder = folderOf(record.jobId);
  const put = async (name: string, body: string, type: string) => {
    await objects.put(destination, keyOfExport(record, name), body, type);
  };

  await put('_started', '', 'application/octet-stream');
  const files = record.files ?? (await writeFiles(runner, record, folder));
  await forEachFile(files, async (file) =>
    objects.putFile(destination, dataKey(record, file.name), {
      path: await spare(folder, file.name),
      md5: Buffer.from(file.md5Base64, 'base64'),
      sizeBytes: file.sizeBytes,
    }),
  );
  const listing = manifestFiles(record, files);
  await put('manifest-files.json', listing, JSON_TYPE);
  await put('manifest-files.md5', md5Base64(listing), TEXT_TYPE);

  const itemCount = files.reduce((sum, file) => sum + file.itemCount, 0);
  const totals = { endMs: nowMs(), itemCount, billedSizeBytes: billedSize(record, files) };
  const summary = manifestSummary(record, totals);
  await objects.put(destination, summaryKey(record), summary, JSON_TYPE);
  await put('manifest-summary.md5', md5Base64(summary), TEXT_TYPE);

  const { files: _, ...ended } = record;
  await exports.save({ ...ended, outcome: { status: 'COMPLETED', ...totals } });
}

/** Several at once, as each waits for the disk a few times. After one that failed no other is begun. */
async function forEachFile(files: readonly RecordedFile[], upload: (file: RecordedFile) => Promise<void>) {
  const waiting = (function* () {
    yield* files;
  })();
  const uploads = Array.from({ length: UPLOADS_AT_ONCE }, async () => {
    // Leaving the loop by an error ends the generator for all.
    for (const file of waiting) await upload(file);
  });
  await Promise.allSettled(uploads);
  await Promise.all(uploads);
}

function billedSize({ content }: ExportRecord, files: readonly RecordedFile[]): number {
  if (content.exportType === 'FULL_EXPORT') return content.billedSizeBytes;
  const writtenBytes = files.reduce((sum, { logicalBytes }) => sum + logicalBytes, 0);
  return Math.max(INCREMENTAL_BILLED_BYTES_MIN, writtenBytes);
}

/** Has the engine write the data files, and records them before the first one is uploaded. */
async function writeFiles(
  { engine, exports, filterFile }: ExportRunner,
  record: ExportRecord,
  folder: string,
): Promise<readonly RecordedFile[]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { files: written } = await engine.export(engineRequest(record, folder, filterFile));
  const files = written.map(({ md5, ...file }) => ({ ...file, md5Base64: Buffer.from(md5).toString('base64') }));
  await exports.save({ ...record, files });
  return files;
}

function engineRequest(
  { backupId, content, filter, request }: ExportRecord,
  directory: string,
  filterFile: string,
): ExportRequest {
  // A range of keys lies within one partition key, whose text it begins with.
  const firstKey = filter?.keyRange?.gte ?? filter?.keyRange?.gt;
  const output = {
    tableId: backupId,
    format: formatOf(request),
    directory,
    ...(firstKey !== undefined && { partitionHash: partitionHashOf(firstKey) }),
    ...(filter && { transform: { module: filterFile, options: filter } }),
  };
  const { exportType } = content;
  if (exportType === 'FULL_EXPORT') return { ...output, exportType, timeMicros: content.restoreMicros };
  const { fromMicros, toMicros, view, keyNames } = content;
  return { ...output, exportType, fromMicros, toMicros, view, keyNames };
}

/** A second name for a file: uploading moves it away, and the first name stays until the export has ended. */
async function spare(folder: string, name: string): Promise<string> {
  const spareName = path.join(folder, `${name}.upload`);
  await rm(spareName, { force: true });
  await link(path.join(folder, name), spareName);
  return spareName;
}
