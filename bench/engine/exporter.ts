import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Run } from '../measure.ts';
import { startChild } from './child-process.ts';
import type { State } from './tables.ts';

/** Other than a full export as DynamoDB JSON. */
export interface ExportVariant {
  readonly format?: 'ION';
  /** Of an incremental export with old images: where its window begins. It ends with the state. */
  readonly fromMicros?: number;
}

export interface ExportMessage extends ExportVariant {
  readonly tableId: string;
  readonly timeMicros: number;
  readonly directory: string;
}

export interface Exported extends Run {
  /** The most memory that the process had meanwhile. */
  readonly peakRssBytes: number;
  readonly itemCount: number;
  readonly logicalBytes: number;
  /** Paths of the data files. */
  readonly files: readonly string[];
}

/** A process that exports from the backups in a directory. */
export interface Exporter {
  /** Exports into the folder, which is made anew. Throws when the export has not as many items as it has to have. */
  run(state: State, folder: string, variant?: ExportVariant): Promise<Exported>;
  close(): Promise<void>;
}

export function startExporter(backupsDirectory: string): Exporter {
  const child = startChild<ExportMessage, Exported>('bench-export-process.mjs', [backupsDirectory]);
  return {
    async run({ tableId, timeMicros, itemCount, changedCount }, folder, variant = {}) {
      const directory = path.resolve(folder);
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory, { recursive: true });
      const exported = await child.ask({ tableId, timeMicros, directory, ...variant });
      const expected = variant.fromMicros === undefined ? itemCount : changedCount;
      if (exported.itemCount !== expected) {
        throw new Error(`The export of ${tableId} has ${exported.itemCount} items instead of ${expected}`);
      }
      return exported;
    },
    close: () => child.close(),
  };
}
