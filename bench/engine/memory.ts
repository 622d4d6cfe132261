import path from 'node:path';
import { startExporter } from './exporter.ts';
import type { ExportCase } from './exports.ts';
import { type Row, type Table, target } from './report.ts';

const MB = 1e6;
const PEAK_RSS_MB_MAX = 400;

/** The most memory that a process has while it exports. */
export async function measureMemory(
  backupsDirectory: string,
  cases: readonly ExportCase[],
  folder: string,
): Promise<Table> {
  const output = path.join(folder, 'export');
  const peakRssMbOf = async (measured: readonly ExportCase[]): Promise<number> => {
    const exporter = startExporter(backupsDirectory);
    try {
      let peakRssBytes = 0;
      for (const { state, variant } of measured) {
        peakRssBytes = Math.max(peakRssBytes, (await exporter.run(state, output, variant)).peakRssBytes);
      }
      return peakRssBytes / MB;
    } finally {
      await exporter.close();
    }
  };
  const rows: Row[] = [];
  for (const measured of cases) {
    const peakRssMb = await peakRssMbOf([measured]);
    rows.push({
      '': measured.name,
      'peak RSS MB': peakRssMb,
      targets: [target('peak RSS MB', peakRssMb, PEAK_RSS_MB_MAX)],
    });
  }
  rows.push({ '': 'all of them', 'peak RSS MB': await peakRssMbOf(cases) });
  return {
    title: 'Memory of a process that only exports',
    notes: [
      'Resident, worker threads included, sampled. Each in a process of its own; "all of them" one after the other in one.',
    ],
    rows,
  };
}
