import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CataloguedPartition } from './catalogue.ts';
import type { LogPoint } from './change-log.ts';
import { dataFileName } from './data-file-name.ts';
import { syncDirectory } from './durable-files.ts';
import type { ExportResult, FullExportRequest } from './index.ts';
import type { Limits } from './limits.ts';
import type { WrittenPartition } from './partition-file.ts';
import { PARTITION_COUNT, type RestoreJob } from './restore.ts';
import type { RestoreSources } from './table-backups.ts';

/** Level 6 for what is deflated once and copied often, level 1 for what only one export has. */
const BASE_LEVEL = 6;
const EXPORT_LEVEL = 1;

const PARTITIONS = Array.from({ length: PARTITION_COUNT }, (_, partition) => partition);

/** Runs a job off the main thread. */
export type RunJob = (job: RestoreJob, signal?: AbortSignal) => Promise<WrittenPartition[]>;

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
      {
        ...sources,
        throughMicros: request.timeMicros,
        directory: request.directory,
        names: PARTITIONS.map(() => dataFileName()),
        indexed: false,
        compressionLevel: EXPORT_LEVEL,
      },
      signal,
    );
    await syncDirectory(request.directory);
    const files = written.map(({ data, itemCount, sizeBytes, logicalBytes, md5 }) => ({
      name: data,
      itemCount,
      sizeBytes,
      logicalBytes,
      md5,
    }));
    return { files, itemCount: files.reduce((sum, { itemCount }) => sum + itemCount, 0) };
  }

  /** Writes the state that all of the sources make. It is durable then, but no catalogue names it yet. */
  async writeBase(sources: RestoreSources, at: LogPoint, directory: string): Promise<CataloguedPartition[]> {
    const written = await this.#run({
      ...sources,
      throughMicros: Number.POSITIVE_INFINITY,
      directory,
      names: PARTITIONS.map((partition) => `base-${at.sequence}-${partition}.json.gz`),
      indexed: true,
      compressionLevel: BASE_LEVEL,
    });
    return written.map(({ md5, ...partition }) => partition);
  }

  async #run(
    job: Omit<RestoreJob, 'scratchDirectory' | 'sortMemoryBytes' | 'pieceBytes'>,
    signal?: AbortSignal,
  ): Promise<WrittenPartition[]> {
    const scratchDirectory = path.join(this.#scratchDirectory, randomUUID());
    await mkdir(scratchDirectory);
    try {
      const { sortMemoryBytes, pieceBytes } = this.#limits;
      return await this.#runJob({ ...job, scratchDirectory, sortMemoryBytes, pieceBytes }, signal);
    } finally {
      await rm(scratchDirectory, { force: true, recursive: true });
    }
  }
}
