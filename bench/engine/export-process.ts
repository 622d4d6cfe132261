/**
 * Exports in a process of its own, started by `exporter.ts`: its memory and CPU time are those of the export alone,
 * worker threads included.
 */
import path from 'node:path';
import { type ExportResult, openBackups } from '../../src/engine/index.ts';
import { timed } from '../measure.ts';
import type { Exported, ExportMessage } from './exporter.ts';
import { WORKER_FILE } from './tables.ts';

const RSS_SAMPLE_MS = 5;

const backups = await openBackups({ directory: `${process.argv[2]}`, workerFile: WORKER_FILE });
process.on('message', async (message: ExportMessage) => process.send?.(await exportTable(message)));
process.once('disconnect', () => backups.close());

async function exportTable(message: ExportMessage): Promise<Exported> {
  let peakRssBytes = process.memoryUsage.rss();
  const sampler = setInterval(() => {
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
  }, RSS_SAMPLE_MS);
  let result: ExportResult = { files: [], itemCount: 0 };
  const run = await timed(async () => {
    result = await backups.export({ ...message, exportType: 'FULL_EXPORT', format: 'DYNAMODB_JSON' });
  });
  clearInterval(sampler);
  return {
    ...run,
    peakRssBytes,
    itemCount: result.itemCount,
    logicalBytes: result.files.reduce((sum, file) => sum + file.logicalBytes, 0),
    files: result.files.map(({ name }) => path.join(message.directory, name)),
  };
}
