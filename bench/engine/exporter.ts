import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Run } from '../measure.ts';
import { startChild } from './child-process.ts';
import type { State } from './tables.ts';

export interface ExportMessage {
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
  /** Exports into the folder, which is made anew. Throws when the export has not as many items as the table had. */
  run(state: State, folder: string): Promise<Exported>;
  close(): Promise<void>;
}

export function startExporter(backupsDirectory: string): Exporter {
  const child = startChild<ExportMessage, Exported>('bench-export-process.mjs', [backupsDirectory]);
  return {
    async run({ tableId, timeMicros, itemCount }, folder) {
      const directory = path.resolve(folder);
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory, { recursive: true });
      const exported = await child.ask({ tableId, timeMicros, directory });
      if (exported.itemCount !== itemCount) {
        throw new Error(`The export of ${tableId} has ${exported.itemCount} items, the table had ${itemCount}`);
      }
      return exported;
    },
    close: () => child.close(),
  };
}
