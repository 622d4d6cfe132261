import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

export interface WrittenExport {
  readonly id: string;
  readonly tableId?: string;
  /** Absent in a full export. */
  readonly fromMs?: number;
  readonly toMs: number;
  readonly outputFormat?: 'DYNAMODB_JSON' | 'ION';
  /** One data file each, in the lines that they have. */
  readonly files: ReadonlyArray<readonly string[]>;
}

const md5 = (bytes: string | Uint8Array) => createHash('md5').update(bytes).digest('base64');
const iso = (ms: number) => new Date(ms).toISOString();

/** Writes an export as DynamoDB lays it out (facts §3) below `root`, and returns the folder of its manifests. */
export function writeExport(root: string, written: WrittenExport): string {
  const { id, fromMs, toMs, files } = written;
  const home = `lake/AWSDynamoDB/${id}`;
  const dataFolder = fromMs === undefined ? `${home}/data` : 'lake/AWSDynamoDB/data';
  for (const folder of [home, dataFolder]) mkdirSync(path.join(root, folder), { recursive: true });
  const listing = files.map((lines, n) => {
    const key = `${dataFolder}/${id}-${n}.json.gz`;
    const bytes = gzipSync(lines.map((line) => `${line}\n`).join(''), { level: 1 });
    writeFileSync(path.join(root, key), bytes);
    return `${JSON.stringify({ itemCount: lines.length, md5Checksum: md5(bytes), etag: '', dataFileS3Key: key })}\n`;
  });
  const window =
    fromMs === undefined
      ? { exportTime: iso(toMs) }
      : { exportFromTime: iso(fromMs), exportToTime: iso(toMs), outputView: 'NEW_IMAGE' };
  const summary = {
    version: fromMs === undefined ? '2020-06-30' : '2023-08-01',
    exportArn: `arn:aws:dynamodb:eu-north-1:111122223333:table/t/export/${id}`,
    tableArn: 'arn:aws:dynamodb:eu-north-1:111122223333:table/t',
    tableId: written.tableId ?? '8a4dcd44-3b5f-4d48-9f3b-0b6a0a1d8c11',
    ...window,
    manifestFilesS3Key: `${home}/manifest-files.json`,
    itemCount: files.reduce((sum, lines) => sum + lines.length, 0),
    outputFormat: written.outputFormat ?? 'DYNAMODB_JSON',
  };
  for (const [name, text] of [
    ['manifest-files', listing.join('')],
    ['manifest-summary', JSON.stringify(summary)],
  ] as const) {
    writeFileSync(path.join(root, home, `${name}.json`), text);
    writeFileSync(path.join(root, home, `${name}.md5`), md5(text));
  }
  return path.join(root, home);
}
