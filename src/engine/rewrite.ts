import { loadTransform } from './image-transform.ts';
import type { TransformSource } from './index.ts';
import { imageOf, ionItemLines, itemLine } from './item-line.ts';
import type { LogRecord } from './log-record.ts';
import type { OnFile, PartitionJob } from './partition-job.ts';
import { PartitionWriter } from './partition-writer.ts';
import { Peekable } from './peekable.ts';
import { sortChanges } from './restore.ts';
import type { Segment } from './segment.ts';
import { type StoredLine, storedLines } from './stored-lines.ts';

/**
 * A restore that looks at every line: to choose it, to reshape it, or to turn it into the job's format. What it reads is
 * always DynamoDB JSON.
 */
export interface RewriteJob extends PartitionJob {
  readonly kind: 'rewrite';
  readonly transform?: TransformSource;
}

/** Writes a partition of a table as it was at a time, each line as the job wants it. Throws as `restore` does. */
export async function rewrite(job: RewriteJob, onFile: OnFile): Promise<Segment[]> {
  const reshape = await lineFunction(job);
  const stored = storedLines(job.base, job.partitionHash);
  const changes = new Peekable(sortChanges(job));
  const writer = new PartitionWriter(job, onFile);
  try {
    for (const { position, line } of merge(new Peekable(stored), changes)) {
      const reshaped = reshape(line);
      if (reshaped) writer.add(position, reshaped);
    }
    return writer.finish();
  } finally {
    stored.return(undefined);
    writer.close();
  }
}

async function lineFunction({ format, transform }: RewriteJob): Promise<(line: Buffer) => Buffer | null> {
  const formatted = format === 'ION' ? ionItemLines() : (line: Buffer) => line;
  if (transform === undefined) return formatted;
  const images = await loadTransform(transform);
  return (line) => {
    const selected = images.select(imageOf(line).toString());
    return selected === null ? null : formatted(Buffer.from(itemLine(selected)));
  };
}

/** The items in order, each as its change left it if it has one. */
function* merge(stored: Peekable<StoredLine>, changes: Peekable<LogRecord>): Generator<StoredLine> {
  for (;;) {
    const item = stored.peek();
    const change = changes.peek();
    if (change && (item === undefined || change.position <= item.position)) {
      if (item?.position === change.position) stored.take();
      changes.take();
      if (change.line) yield { position: change.position, line: change.line };
    } else if (item) {
      stored.take();
      yield item;
    } else {
      return;
    }
  }
}
