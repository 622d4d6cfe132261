import type { S3Client } from '@aws-sdk/client-s3';
import {
  type ExportBeingVerified,
  isBeingVerified,
  readExportsBeingVerified,
  type Verification,
} from '../records/export-records.ts';
import { applyMove } from './apply-move.ts';
import { checkOutput } from './check-output.ts';
import type { Outport } from './outport.ts';
import { outputLayoutOf } from './output-layout.ts';
import { type FileReading, readDataFile } from './read-data-file.ts';
import type { ExpectedBucket } from './read-output.ts';
import type { Run } from './run.ts';
import { tableOf } from './table-arn.ts';
import { type ExportOutput, type ManifestFile, PROBLEMS_MAX, parseManifestFiles } from './verification.ts';

/** Beyond the end of a run, for the calls in flight: nobody else takes a verification up before. */
const LEASE_MARGIN_MS = 15_000;
/** How often what has been read is kept, so that a crash costs no more. */
const SAVE_INTERVAL_MS = 10_000;
/** Files read at a time; a larger file is read by itself. */
const BATCH_FILES_MAX = 16;
const BATCH_BYTES_MAX = 64 * 1024 * 1024;
/** A file that is not read to its end in so long will not be in any run. */
const WHOLE_RUN_MS = 30_000;

/**
 * Goes on with every verification that has been asked for, each from the file where the last run has stopped. A run
 * leases a verification by a compare-and-set of its record, so that no two read the same files at once.
 */
export async function reconcileVerifications(outport: Outport, run: Run): Promise<void> {
  for (const record of await readExportsBeingVerified(outport.table)) {
    const { leasedUntil } = record.openVerification;
    if (leasedUntil !== null && leasedUntil > outport.now().toISOString()) continue;
    if (run.remainingMs() <= 0) return;
    try {
      await goOnVerifying(outport, record, run);
    } catch (error) {
      run.report(error, `verifying ${record.id}`);
    }
  }
}

async function goOnVerifying(outport: Outport, record: ExportBeingVerified, run: Run): Promise<void> {
  const leasedUntil = new Date(outport.now().getTime() + run.remainingMs() + LEASE_MARGIN_MS).toISOString();
  let current = record;
  /** @returns false when the verification is finished, or somebody else's */
  const save = async (verification: Verification): Promise<boolean> => {
    const checkedAt = outport.now().toISOString();
    const move = { type: 'VERIFICATION' as const, verification: { ...verification, checkedAt }, leasedUntil };
    const next = await applyMove(outport, current, move);
    if (!isBeingVerified(next) || next.openVerification.leasedUntil !== leasedUntil) return false;
    current = next;
    return true;
  };
  if (!(await save(record.verification))) return;

  const unavailable = (problem: string) =>
    save({ ...current.verification, status: 'UNAVAILABLE', problems: [...current.verification.problems, problem] });
  if (record.openVerification.deadlineAt <= outport.now().toISOString()) {
    await unavailable(`the verification was not finished until ${record.openVerification.deadlineAt}`);
    return;
  }
  const { exportArn, itemCount, billedSizeBytes, exportManifest } = record;
  const reported = { exportArn, tableId: null, itemCount, billedSizeBytes, exportManifest };
  const clients = outport.accounts(tableOf(record), null);
  const checked = await checkOutput(clients, record, outputLayoutOf(record, exportArn), reported, outport.now());
  if (checked.again) return;
  const { deep } = record.verification;
  if (!deep || checked.verification.status !== 'VERIFIED' || checked.output === null) {
    await save({ ...checked.verification, deep, itemsCounted: null });
    return;
  }

  const files = parseManifestFiles(checked.output.files);
  let kept = { atRemainingMs: run.remainingMs(), filesChecked: current.verification.filesChecked };
  let soFar = current.verification;
  while (soFar.filesChecked < files.length && run.remainingMs() > 0) {
    const batch = nextBatch(files, soFar.filesChecked, checked.output);
    const read = await readBatch(clients.s3, record.destination, batch, run.remainingMs());
    if (read.outcome === 'UNAVAILABLE') {
      await unavailable(read.message);
      return;
    }
    if (read.outcome === 'INTERRUPTED') break;
    soFar = read.readings.reduce(withReading, soFar);
    if (kept.atRemainingMs - run.remainingMs() >= SAVE_INTERVAL_MS) {
      if (!(await save(soFar))) return;
      kept = { atRemainingMs: run.remainingMs(), filesChecked: soFar.filesChecked };
    }
  }
  if (soFar.filesChecked === files.length) await save(finished(soFar, itemCount));
  else if (soFar.filesChecked > kept.filesChecked) await save(soFar);
}

type BatchReading =
  | { readonly outcome: 'READ'; readonly readings: readonly ReadFile[] }
  | Exclude<FileReading, { readonly outcome: 'READ' }>;
type ReadFile = Extract<FileReading, { readonly outcome: 'READ' }>;

async function readBatch(
  s3: S3Client,
  bucket: ExpectedBucket,
  batch: readonly ManifestFile[],
  availableMs: number,
): Promise<BatchReading> {
  const signal = AbortSignal.timeout(availableMs);
  const readings = await Promise.all(batch.map((file) => readDataFile(s3, bucket, file, signal)));
  const read = readings.filter((reading) => reading.outcome === 'READ');
  const other = readings.find((reading) => reading.outcome !== 'READ');
  if (!other) return { outcome: 'READ', readings: read };
  if (other.outcome === 'INTERRUPTED' && batch.length === 1 && signal.aborted && availableMs >= WHOLE_RUN_MS) {
    return { outcome: 'UNAVAILABLE', message: `${batch[0]?.key} cannot be read within ${availableMs} ms, a whole run` };
  }
  return other;
}

function nextBatch(files: readonly ManifestFile[], from: number, { dataFiles }: ExportOutput): ManifestFile[] {
  const batch: ManifestFile[] = [];
  let bytes = 0;
  for (const file of files.slice(from, from + BATCH_FILES_MAX)) {
    bytes += dataFiles.get(file.key)?.sizeBytes ?? 0;
    if (batch.length > 0 && bytes > BATCH_BYTES_MAX) break;
    batch.push(file);
  }
  return batch;
}

function withReading(verification: Verification, { bytes, items, problem }: ReadFile): Verification {
  return {
    ...verification,
    filesChecked: verification.filesChecked + 1,
    bytesChecked: verification.bytesChecked + bytes,
    itemsCounted: (verification.itemsCounted ?? 0) + items,
    problems: problem === null ? verification.problems : [...verification.problems, problem].slice(0, PROBLEMS_MAX),
  };
}

function finished(verification: Verification, itemCount: number): Verification {
  const { itemsCounted, problems } = verification;
  const sum = itemsCounted === itemCount ? [] : [`${itemsCounted} items were counted, expected ${itemCount}`];
  const found = [...problems, ...sum].slice(0, PROBLEMS_MAX);
  return { ...verification, status: found.length === 0 ? 'VERIFIED' : 'MISMATCH', problems: found };
}
