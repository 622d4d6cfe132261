import type { Run } from '../measure.ts';
import { startCannedPages } from './canned-pages.ts';
import { startChild } from './child-process.ts';
import type { Orders } from './orders.ts';

/** Per process; more did not help, as one process is bound by one core. */
const SEGMENTS = 4;

export interface ScanMessage {
  readonly endpoint: string;
  readonly segments: readonly number[];
  readonly totalSegments: number;
  readonly folder: string;
}

export interface Scan {
  /** The items that one Scan really reads. */
  readonly itemCount: number;
  /** Scans with so many processes side by side; the result is scaled to all the orders. */
  run(processes: number): Promise<Run>;
  close(): Promise<void>;
}

/** Prepares Scans of about `itemCount` items by up to two processes, from a server that costs nothing. */
export async function prepareScan(orders: Orders, itemCount: number, folder: string): Promise<Scan> {
  const server = await startCannedPages(orders, itemCount);
  const factor = orders.count / server.itemCount;
  const children = Array.from({ length: 2 }, () => startChild<ScanMessage, Run>('bench-scan-process.mjs'));
  const run = async (processes: number): Promise<Run> => {
    const totalSegments = processes * SEGMENTS;
    const runs = await Promise.all(
      children.slice(0, processes).map((child, process) => {
        const segments = Array.from({ length: SEGMENTS }, (_, n) => process * SEGMENTS + n);
        return child.ask({ endpoint: server.url, segments, totalSegments, folder });
      }),
    );
    return {
      wallSeconds: factor * Math.max(...runs.map(({ wallSeconds }) => wallSeconds)),
      cpuSeconds: factor * runs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    };
  };
  // What is compiled on the first pages is not to be scaled to the whole table.
  await run(children.length);
  return {
    itemCount: server.itemCount,
    run,
    async close() {
      await Promise.all(children.map((child) => child.close()));
      await server.close();
    },
  };
}
