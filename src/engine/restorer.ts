import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { LogPoint } from './change-log.ts';
import { isNameOfFile } from './data-file-name.ts';
import { syncDirectory, syncFile } from './durable-files.ts';
import type { ExportRequest, ExportResult } from './index.ts';
import type { Job } from './job.ts';
import type { Limits } from './limits.ts';
import type { OnFile, PartitionJob } from './partition-job.ts';
import { PARTITIONS } from './partitions.ts';
import type { Base, Segment } from './segment.ts';
import type { RestoreSources } from './table-backups.ts';

/** Level 6 for what is deflated once and copied often, level 1 for what only one export has. */
const BASE_LEVEL = 6;
const EXPORT_LEVEL = 1;
/**
 * For a first base and a twin, which somebody waits for: in pieces of 8 KiB it takes three quarters of the time of level 6 and
 * a tenth more room.
 */
const AWAITED_BASE_LEVEL = 3;

/** About what deflating leaves of lines. */
const DEFLATED_SHARE = 1 / 5;

/** What the partitions of one export, base or twin are written as. */
type JobOutput = WithoutInput<Job>;
type WithoutInput<Each> = Each extends Job ? Omit<Each, keyof JobInput> : never;
type JobInput = Pick<Job, 'partition' | 'base' | 'logs' | 'scratchDirectory' | 'sortMemoryBytes' | 'segmentBytes'>;

type Sources = Pick<RestoreSources, 'base' | 'logs'>;

/** Runs a job off the main thread. `onFile` is called while it runs. */
export type RunJob = (job: Job, onFile: OnFile, signal?: AbortSignal) => Promise<Segment[]>;

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

  /** Writes the items that logs of changes leave, a log each partition, as the files of an export. */
  async writeLatest(logs: PartitionJob['logs'], directory: string): Promise<ExportResult> {
    const format = 'DYNAMODB_JSON';
    const output = () =>
      ({
        ...this.#exportOutput(directory, format),
        kind: 'restore',
        throughMicros: Number.POSITIVE_INFINITY,
      }) as const;
    return exported(directory, await this.#run(ofOwnLog(logs), output));
  }

  #exportOutput(directory: string, format: ExportRequest['format']) {
    return {
      directory,
      format,
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
  ): Promise<Base> {
    return this.#run(ofEach(sources), this.#baseOutput(sequence, directory, format, BASE_LEVEL));
  }

  /** Writes the first base of a table from a log of all items of each partition. */
  writeFirstBase(logs: PartitionJob['logs'], { sequence }: LogPoint, directory: string): Promise<Base> {
    return this.#run(ofOwnLog(logs), this.#baseOutput(sequence, directory, 'DYNAMODB_JSON', AWAITED_BASE_LEVEL));
  }

  #baseOutput(sequence: number, directory: string, format: 'DYNAMODB_JSON' | 'ION', compressionLevel: number) {
    return (partition: number) =>
      ({
        kind: 'restore',
        format,
        throughMicros: Number.POSITIVE_INFINITY,
        directory,
        stem: `base-${sequence}-${partition}`,
        indexed: true,
        compressionLevel,
        pieceBytes: this.#limits.pieceBytes,
      }) as const;
  }

  /** Writes the lines of a base as Ion. They are durable then, but no catalogue names them yet. */
  writeIonTwin(base: Base, sequence: number, directory: string): Promise<Base> {
    // A name of its own: what is left of a damaged twin may still be read.
    const attempt = randomUUID();
    const outputOf = this.#baseOutput(sequence, directory, 'ION', AWAITED_BASE_LEVEL);
    return this.#run(ofEach({ base, logs: [] }), (partition) => ({
      ...outputOf(partition),
      kind: 'rewrite',
      stem: `base-${sequence}-${partition}.${attempt}`,
    }));
  }

  /** Runs a job a partition, and makes what they write durable. When one fails, the others are ended before it rejects. */
  async #run(
    inputOf: (partition: number) => Pick<PartitionJob, 'base' | 'logs'>,
    outputOf: (partition: number) => JobOutput,
    signal?: AbortSignal,
  ): Promise<Base> {
    const scratchDirectory = path.join(this.#scratchDirectory, randomUUID());
    const { sortMemoryBytes } = this.#limits;
    const failed = new AbortController();
    const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    const outputs = PARTITIONS.map((partition) => ({ ...outputOf(partition), partition }));
    const written = outputs.map(async (output) => {
      const { partition } = output;
      // Not by the thread that writes them: it would wait for the disk, and has the next file to write.
      let durable = Promise.resolve();
      const onFile = (file: string) => {
        durable = durable.then(() => syncFile(file));
        // It is waited for only after the job.
        durable.catch(() => undefined);
      };
      const sources = inputOf(partition);
      const segmentBytes = segmentBytesOf(sources, this.#limits);
      const input = { ...sources, scratchDirectory: path.join(scratchDirectory, `${partition}`), sortMemoryBytes };
      try {
        const segments = await this.#runJob({ ...output, ...input, segmentBytes }, onFile, stop);
        await durable;
        return segments;
      } catch (cause) {
        failed.abort(cause);
        throw cause;
      } finally {
        await Promise.allSettled([durable]);
      }
    });
    try {
      await Promise.allSettled(written);
      failed.signal.throwIfAborted();
      return await Promise.all(written);
    } catch (cause) {
      // On a full disk, files that nobody will read would take the room that everything else waits for.
      for (const output of outputs) await removeFiles(output);
      throw cause;
    } finally {
      await rm(scratchDirectory, { force: true, recursive: true });
    }
  }
}

/** How long the files of a partition become that is made of a base and logs of all partitions, or of a log of its own. */
function segmentBytesOf({ base, logs }: Pick<PartitionJob, 'base' | 'logs'>, limits: Limits): number {
  const storedBytes = base.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const logBytes = logs.reduce((sum, { byteCount }) => sum + byteCount, 0);
  const logPartitions = base.length === 0 ? 1 : PARTITIONS.length;
  const expectedBytes = storedBytes + (logBytes * DEFLATED_SHARE) / logPartitions;
  return Math.min(Math.max(expectedBytes * limits.segmentShare, limits.segmentBytesMin), limits.segmentBytesMax);
}

/** The logs hold the changes of all partitions. */
function ofEach({ base, logs }: Sources): (partition: number) => Pick<PartitionJob, 'base' | 'logs'> {
  return (partition) => ({ base: base[partition] ?? [], logs });
}

/** Each log holds the changes of one partition. */
function ofOwnLog(logs: PartitionJob['logs']): (partition: number) => Pick<PartitionJob, 'base' | 'logs'> {
  return (partition) => ({ base: [], logs: logs.slice(partition, partition + 1) });
}

async function exported(directory: string, written: Base): Promise<ExportResult> {
  await syncDirectory(directory);
  const files = written.flat().map(({ data, itemCount, sizeBytes, logicalBytes, md5Hex }) => ({
    name: data,
    itemCount,
    sizeBytes,
    logicalBytes,
    md5: Uint8Array.from(Buffer.from(md5Hex, 'hex')),
  }));
  return { files, itemCount: files.reduce((sum, { itemCount }) => sum + itemCount, 0) };
}

/** Removes what a job wrote. */
async function removeFiles(output: JobOutput): Promise<void> {
  for (const name of await readdir(output.directory)) {
    if (isNameOfFile(name, output)) await rm(path.join(output.directory, name), { force: true });
  }
}

/** What a request asks to be done to each partition. */
function taskOf(request: ExportRequest) {
  const { transform } = request;
  if (request.exportType === 'INCREMENTAL_EXPORT') {
    const { fromMicros, toMicros, view, keyNames } = request;
    return { kind: 'incremental', fromMicros, throughMicros: toMicros - 1, view, keyNames, transform } as const;
  }
  const { timeMicros: throughMicros } = request;
  if (copiesBlocks(request)) return { kind: 'restore', throughMicros } as const;
  return { kind: 'rewrite', throughMicros, transform } as const;
}
