import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { LogPoint } from './change-log.ts';
import { dataFileName } from './data-file-name.ts';
import { syncDirectory } from './durable-files.ts';
import type { ExportResult, FullExportRequest } from './index.ts';
import type { Limits } from './limits.ts';
import type { WrittenPartition } from './partition-file.ts';
import { PARTITION_COUNT } from './partitions.ts';
import type { RestoreJob } from './restore.ts';
import type { RestoreSources } from './table-backups.ts';

/** Level 6 for what is deflated once and copied often, level 1 for what only one export has. */
const BASE_LEVEL = 6;
const EXPORT_LEVEL = 1;

const PARTITIONS = Array.from({ length: PARTITION_COUNT }, (_, partition) => partition);

type JobOutput = Pick<
  RestoreJob,
  'throughMicros' | 'directory' | 'name' | 'indexed' | 'compressionLevel' | 'pieceBytes'
>;

/** Runs a job off the main thread. */
export type RunJob = (job: RestoreJob, signal?: AbortSignal) => Promise<WrittenPartition>;

/** Has tables restored, as an export or as a new base. */
export class Restorer {
  readonly #scratchDirectory: string;
  readonly #limits: Limits;
  readonly #runJob: RunJob;

  constructor(options: { readonly scratchDirectory: string; readonly limits: Limits; readonly runJob: RunJob }) {
    this.#scratchDirectory = options.scratchDirectory;
    this.#limits = options.limits;
    this.#runJob = options.runJob;
  }

  async writeExport(sources: RestoreSources, request: FullExportRequest, signal?: AbortSignal): Promise<ExportResult> {
    const written = await this.#run(
      sources,
      () => ({
        throughMicros: request.timeMicros,
        directory: request.directory,
        name: dataFileName(),
        indexed: false,
        compressionLevel: EXPORT_LEVEL,
        pieceBytes: this.#limits.exportPieceBytes,
      }),
      signal,
    );
    await syncDirectory(request.directory);
    const files = written.map(({ data, itemCount, sizeBytes, logicalBytes, md5Hex }) => ({
      name: data,
      itemCount,
      sizeBytes,
      logicalBytes,
      md5: Uint8Array.from(Buffer.from(md5Hex, 'hex')),
    }));
    return { files, itemCount: files.reduce((sum, { itemCount }) => sum + itemCount, 0) };
  }

  /** Writes the state that all of the sources make. It is durable then, but no catalogue names it yet. */
  writeBase(sources: RestoreSources, at: LogPoint, directory: string): Promise<WrittenPartition[]> {
    return this.#run(sources, (partition) => ({
      throughMicros: Number.POSITIVE_INFINITY,
      directory,
      name: `base-${at.sequence}-${partition}.json.gz`,
      indexed: true,
      compressionLevel: BASE_LEVEL,
      pieceBytes: this.#limits.pieceBytes,
    }));
  }

  /** Runs a job a partition. When one fails, the others are ended before it rejects. */
  async #run(sources: RestoreSources, outputOf: (partition: number) => JobOutput, signal?: AbortSignal) {
    const scratchDirectory = path.join(this.#scratchDirectory, randomUUID());
    const failed = new AbortController();
    const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    const written = PARTITIONS.map(async (partition) => {
      try {
        return await this.#runJob(
          {
            ...outputOf(partition),
            partition,
            base: sources.base[partition],
            logs: sources.logs,
            scratchDirectory: path.join(scratchDirectory, `${partition}`),
            sortMemoryBytes: this.#limits.sortMemoryBytes,
          },
          stop,
        );
      } catch (cause) {
        failed.abort(cause);
        throw cause;
      }
    });
    try {
      await Promise.allSettled(written);
      failed.signal.throwIfAborted();
      return await Promise.all(written);
    } finally {
      await rm(scratchDirectory, { force: true, recursive: true });
    }
  }
}
