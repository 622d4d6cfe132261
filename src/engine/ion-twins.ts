import { DamagedError } from './errors.ts';
import type { ExportRequest, ExportResult } from './index.ts';
import type { Restorer } from './restorer.ts';
import { type Base, hasFile } from './segment.ts';
import type { BasePlan, RestoreSources, TableBackups } from './table-backups.ts';

/**
 * The Ion twins of bases: the same items in the same order as Ion lines, so that an export in Ion copies what did not change
 * as one in DynamoDB JSON does. A twin is made when its base is first exported in Ion, and goes when its base goes.
 */
export class IonTwins {
  readonly #restorer: Restorer;
  /** Runs a task that changes a table when all earlier ones are done. */
  readonly #alone: (tableId: string, task: () => Promise<void>) => Promise<void>;
  readonly #underWay = new Map<string, Promise<Base>>();

  constructor(restorer: Restorer, alone: (tableId: string, task: () => Promise<void>) => Promise<void>) {
    this.#restorer = restorer;
    this.#alone = alone;
  }

  /**
   * Writes a full export from the twin of its base, once that is there. Exports that need the same twin wait for one job,
   * which goes on when some of them are aborted. Damage in a twin fails the export as any does; the next makes it anew.
   */
  async writeExport(
    table: TableBackups,
    sources: RestoreSources,
    request: ExportRequest,
    signal?: AbortSignal,
  ): Promise<ExportResult> {
    const { baseSequence } = sources;
    const base = table.ionTwin(baseSequence) ?? (await unlessAborted(this.#make(table, sources), signal));
    return this.#readTwin(table, { ...sources, base }, (twin) => this.#restorer.writeExport(twin, request, signal));
  }

  /** Makes the twin of a new base from that of the one before and the changes between: less work than from the lines. */
  async renew(table: TableBackups, { at, alternatives }: BasePlan, twin: Base): Promise<void> {
    const [sources] = alternatives;
    const renewed = await this.#readTwin(table, { ...sources, base: twin }, (read) =>
      this.#restorer.writeBase(read, at, table.directory, 'ION'),
    );
    await this.#alone(table.tableId, () => table.addIonTwin(at.sequence, renewed));
  }

  /** Gives up a twin that turns out to be damaged: the next Ion export makes it anew. */
  async #readTwin<Result>(
    table: TableBackups,
    twin: RestoreSources,
    read: (twin: RestoreSources) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await read(twin);
    } catch (cause) {
      if (cause instanceof DamagedError && hasFile(twin.base, cause.file)) {
        await this.#alone(table.tableId, () => table.removeIonTwin(twin.baseSequence));
      }
      throw cause;
    }
  }

  #make(table: TableBackups, sources: RestoreSources): Promise<Base> {
    const key = `${table.directory}/${sources.baseSequence}`;
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    const made = this.#makeNow(table, sources).finally(() => this.#underWay.delete(key));
    // The exports that wait for it may all have been aborted.
    made.catch(() => undefined);
    this.#underWay.set(key, made);
    return made;
  }

  async #makeNow(table: TableBackups, { base, baseSequence }: RestoreSources): Promise<Base> {
    const unpin = table.pin();
    try {
      const twin = await this.#restorer.writeIonTwin(base, baseSequence, table.directory);
      await this.#alone(table.tableId, () => table.addIonTwin(baseSequence, twin));
      return table.inDirectory(twin);
    } finally {
      await unpin();
    }
  }
}

function unlessAborted<Result>(result: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return result;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
