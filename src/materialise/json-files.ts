import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExportResult } from '../engine/index.ts';
import type { Chain } from './chain.ts';

/**
 * Writes the manifests of a full export (facts §3.5, §3.6) around data files in `data/`. Keys are relative to the folder, as
 * it is not known where it will be copied to, and so are bucket and prefix unknown.
 */
export async function writeManifests(
  directory: string,
  chain: Chain,
  { files, itemCount }: ExportResult,
): Promise<void> {
  const { full, increments, atMs } = chain;
  const last = increments.at(-1) ?? full;
  const listing = files.map(({ name, itemCount, md5 }) =>
    JSON.stringify({
      itemCount,
      md5Checksum: Buffer.from(md5).toString('base64'),
      etag: `${createHash('md5').update(md5).digest('hex')}-1`,
      dataFileS3Key: `data/${name}`,
    }),
  );
  const at = new Date(atMs).toISOString();
  const summary = {
    version: '2020-06-30',
    // That of the export which it ends with: what was materialised has none of its own.
    exportArn: last.exportArn,
    startTime: at,
    endTime: at,
    tableArn: full.tableArn,
    tableId: full.tableId,
    exportTime: at,
    s3Bucket: null,
    s3Prefix: null,
    s3SseAlgorithm: null,
    s3SseKmsKeyId: null,
    manifestFilesS3Key: 'manifest-files.json',
    billedSizeBytes: 0,
    itemCount,
    outputFormat: 'DYNAMODB_JSON',
  };
  await writeChecked(directory, 'manifest-files', listing.map((line) => `${line}\n`).join(''));
  await writeChecked(directory, 'manifest-summary', JSON.stringify(summary));
}

async function writeChecked(directory: string, name: string, text: string): Promise<void> {
  await writeFile(path.join(directory, `${name}.json`), text);
  await writeFile(path.join(directory, `${name}.md5`), createHash('md5').update(text).digest('base64'));
}
