import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { LogPoint } from './change-log.ts';
import { dataFileName, EXTENSIONS } from './data-file-name.ts';
import { syncDirectory, syncFile } from './durable-files.ts';
import type { ExportRequest, ExportResult } from './index.ts';
import type { Job } from './job.ts';
import type { Limits } from './limits.ts';
import { type BasePartition, indexOf, type WrittenPartition } from './partition-file.ts';
import { PARTITIONS } from './partitions.ts';
import type { PartitionJob } from './restore.ts';
import type { RestoreSources } from './table-backups.ts';

/** Level 6 for what is deflated once and copied often, level 1 for what only one export has. */
const BASE_LEVEL = 6;
const EXPORT_LEVEL = 1;
/**
 * For a first base and a twin, which somebody waits for: in pieces of 8 KiB it takes three quarters of the time of level 6 and
 * a tenth more room.
 */
const AWAITED_BASE_LEVEL = 3;

/** What the partitions of one export, base or twin are written as. */
type JobOutput = WithoutInput<Job>;
type WithoutInput<Each> = Each extends Job ? Omit<Each, keyof JobInput> : never;
type JobInput = Pick<Job, 'partition' | 'base' | 'logs' | 'scratchDirectory' | 'sortMemoryBytes'>;

type Sources = Pick<RestoreSources, 'base' | 'logs'>;

/** Runs a job off the main thread. */
export type RunJob = (job: Job, signal?: AbortSignal) => Promise<WrittenPartition>;

/** Whether an export copies blocks of the base as they are, so that the base has to be in the format of the export. */
export function copiesBlocks(request: ExportRequest): boolean {
  return request.exportType !== 'INCREMENTAL_EXPORT' && !request.transform && request.partitionHash === undefined;
}

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

  async writeExport(sources: RestoreSources, request: ExportRequest, signal?: AbortSignal): Promise<ExportResult> {
    const { directory, format, partitionHash } = request;
    const output = () => ({ ...taskOf(request), ...this.#exportOutput(directory, format), partitionHash });
    return exported(directory, await this.#run(ofEach(sources), output, signal));
  }

  /** Writes the items that logs of changes leave, one a partition, as the files of an export. */
  async writeLatest(logs: PartitionJob['logs'], directory: string): Promise<ExportResult> {
    const format = 'DYNAMODB_JSON';
    const output = () =>
      ({
        ...this.#exportOutput(directory, format),
        kind: 'restore',
        format,
        throughMicros: Number.POSITIVE_INFINITY,
      }) as const;
    return exported(directory, await this.#run(ofOwnLog(logs), output));
  }

  #exportOutput(directory: string, format: ExportRequest['format']) {
    return {
      directory,
      name: dataFileName(format),
      indexed: false,
      compressionLevel: EXPORT_LEVEL,
      pieceBytes: this.#limits.exportPieceBytes,
    };
  }

  /** Writes the state that all of the sources make, in their format. It is durable then, but no catalogue names it yet. */
  writeBase(
    sources: Sources,
    { sequence }: LogPoint,
    directory: string,
    format: 'DYNAMODB_JSON' | 'ION' = 'DYNAMODB_JSON',
  ): Promise<WrittenPartition[]> {
    return this.#run(ofEach(sources), this.#baseOutput(sequence, directory, format, BASE_LEVEL));
  }

  /** Writes the first base of a table from a log of all items of each partition. */
  writeFirstBase(logs: PartitionJob['logs'], { sequence }: LogPoint, directory: string): Promise<WrittenPartition[]> {
    return this.#run(ofOwnLog(logs), this.#baseOutput(sequence, directory, 'DYNAMODB_JSON', AWAITED_BASE_LEVEL));
  }

  #baseOutput(sequence: number, directory: string, format: 'DYNAMODB_JSON' | 'ION', compressionLevel: number) {
    return (partition: number) =>
      ({
        kind: 'restore',
        format,
        throughMicros: Number.POSITIVE_INFINITY,
        directory,
        name: `base-${sequence}-${partition}${EXTENSIONS[format]}`,
        indexed: true,
        compressionLevel,
        pieceBytes: this.#limits.pieceBytes,
      }) as const;
  }

  /** Writes the lines of a base as Ion. They are durable then, but no catalogue names them yet. */
  writeIonTwin(base: readonly BasePartition[], sequence: number, directory: string): Promise<WrittenPartition[]> {
    // A name of its own: what is left of a damaged twin may still be read.
    const attempt = randomUUID();
    const outputOf = this.#baseOutput(sequence, directory, 'ION', AWAITED_BASE_LEVEL);
    return this.#run(ofEach({ base, logs: [] }), (partition) => ({
      ...outputOf(partition),
      kind: 'rewrite',
      name: `base-${sequence}-${partition}.${attempt}${EXTENSIONS.ION}`,
    }));
  }

  /** Runs a job a partition. When one fails, the others are ended before it rejects. */
  async #run(
    inputOf: (partition: number) => Pick<PartitionJob, 'base' | 'logs'>,
    outputOf: (partition: number) => JobOutput,
    signal?: AbortSignal,
  ) {
    const scratchDirectory = path.join(this.#scratchDirectory, randomUUID());
    const failed = new AbortController();
    const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    const outputs = PARTITIONS.map((partition) => ({ ...outputOf(partition), partition }));
    const written = outputs.map(async (output) => {
      const { partition } = output;
      try {
        const partitionFiles = await this.#runJob(
          {
            ...output,
            ...inputOf(partition),
            scratchDirectory: path.join(scratchDirectory, `${partition}`),
            sortMemoryBytes: this.#limits.sortMemoryBytes,
          },
          stop,
        );
        // Not by the thread that wrote them: it would wait for the disk, and has the next partition to write.
        await syncFile(path.join(output.directory, partitionFiles.data));
        if (output.indexed) await syncFile(indexOf(path.join(output.directory, partitionFiles.data)));
        return partitionFiles;
      } catch (cause) {
        failed.abort(cause);
        throw cause;
      }
    });
    try {
      await Promise.allSettled(written);
      failed.signal.throwIfAborted();
      return await Promise.all(written);
    } catch (cause) {
      // On a full disk, files that nobody will read would take the room that everything else waits for.
      for (const { directory, name } of outputs) await removeDataFile(path.join(directory, name));
      throw cause;
    } finally {
      await rm(scratchDirectory, { force: true, recursive: true });
    }
  }
}

/** The logs hold the changes of all partitions. */
function ofEach({ base, logs }: Sources): (partition: number) => Pick<PartitionJob, 'base' | 'logs'> {
  return (partition) => ({ base: base[partition], logs });
}

/** Each log holds the changes of one partition. */
function ofOwnLog(logs: PartitionJob['logs']): (partition: number) => Pick<PartitionJob, 'base' | 'logs'> {
  return (partition) => ({ base: undefined, logs: logs.slice(partition, partition + 1) });
}

async function exported(directory: string, written: readonly WrittenPartition[]): Promise<ExportResult> {
  await syncDirectory(directory);
  const files = written.map(({ data, itemCount, sizeBytes, logicalBytes, md5Hex }) => ({
    name: data,
    itemCount,
    sizeBytes,
    logicalBytes,
    md5: Uint8Array.from(Buffer.from(md5Hex, 'hex')),
  }));
  return { files, itemCount: files.reduce((sum, { itemCount }) => sum + itemCount, 0) };
}

async function removeDataFile(file: string): Promise<void> {
  await rm(file, { force: true });
  await rm(indexOf(file), { force: true });
}

/** What a request asks to be done to each partition. */
function taskOf(request: ExportRequest) {
  const { format, transform } = request;
  if (request.exportType === 'INCREMENTAL_EXPORT') {
    const { fromMicros, toMicros, view, keyNames } = request;
    return { kind: 'incremental', fromMicros, throughMicros: toMicros - 1, view, keyNames, format, transform } as const;
  }
  const { timeMicros: throughMicros } = request;
  if (copiesBlocks(request)) return { kind: 'restore', throughMicros, format } as const;
  return { kind: 'rewrite', throughMicros, format, transform } as const;
}
