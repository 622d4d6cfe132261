import path from 'node:path';
import { changeLines } from './change-line.ts';
import { loadTransform } from './image-transform.ts';
import type { IncrementalExportRequest, TransformSource } from './index.ts';
import { OldLines } from './old-lines.ts';
import type { OnFile, PartitionJob } from './partition-job.ts';
import { PartitionWriter } from './partition-writer.ts';
import { sortChanges } from './restore.ts';
import type { Segment } from './segment.ts';

/** What changed in a partition between two states of a table. The base is not younger than the first of them. */
export interface IncrementalJob extends PartitionJob {
  readonly kind: 'incremental';
  /** The first microsecond whose changes are written; `throughMicros` is the last. */
  readonly fromMicros: number;
  readonly view: IncrementalExportRequest['view'];
  readonly keyNames: readonly string[];
  readonly transform?: TransformSource;
}

/**
 * Writes a record for each item that was written in the window and exists before or after it. Of the base, only what may
 * hold a needed old image is read. Throws `DamagedError` when a stored byte is wrong.
 */
export async function writeIncrement(job: IncrementalJob, onFile: OnFile): Promise<Segment[]> {
  const lineOf = changeLines(job, job.transform && (await loadTransform(job.transform)));
  const before = {
    ...job,
    throughMicros: job.fromMicros - 1,
    scratchDirectory: path.join(job.scratchDirectory, 'before'),
  };
  const old = new OldLines(job.base, sortChanges(before));
  const writer = new PartitionWriter(job, onFile);
  try {
    for (const { position, timeMicros, line: newLine } of sortChanges(job, job.fromMicros)) {
      // The old image of a deletion is needed even where it is not shown: without one there was nothing to delete.
      const isOldNeeded = job.view === 'NEW_AND_OLD_IMAGES' || newLine === null;
      const line = lineOf({ writtenMicros: timeMicros, oldLine: isOldNeeded ? old.at(position) : null, newLine });
      if (line) writer.add(position, line);
    }
    return writer.finish();
  } finally {
    old.close();
    writer.close();
  }
}
