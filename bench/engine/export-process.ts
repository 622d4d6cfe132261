/**
 * Exports in a process of its own, started by `exporter.ts`: its memory and CPU time are those of the export alone,
 * worker threads included.
 */
import path from 'node:path';
import { type ExportRequest, type ExportResult, openBackups } from '../../src/engine/index.ts';
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
    result = await backups.export(requestOf(message));
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

function requestOf({ tableId, timeMicros, directory, format, fromMicros }: ExportMessage): ExportRequest {
  const output = { tableId, format: format ?? 'DYNAMODB_JSON', directory } as const;
  if (fromMicros === undefined) return { ...output, exportType: 'FULL_EXPORT', timeMicros };
  const window = { fromMicros, toMicros: timeMicros + 1 };
  const records = { view: 'NEW_AND_OLD_IMAGES', keyNames: ['shop', 'order'] } as const;
  return { ...output, ...window, ...records, exportType: 'INCREMENTAL_EXPORT' };
}
