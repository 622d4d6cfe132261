import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { crc32, createInflateRaw } from 'node:zlib';
import { expect } from 'vitest';
import type { Backups, ExportedFile, ExportRequest, ExportResult } from '../../../src/engine/index.ts';
import { partitionHash } from './changes.ts';

const JSON_NAME = /^[a-z2-7]{26}\.json\.gz$/;
const ION_NAME = /^[a-z2-7]{26}\.ion\.gz$/;

/** The text of a gzip file, which has to be exactly one member with DynamoDB's header and nothing after it. */
export async function readOnlyMember(bytes: Buffer): Promise<string> {
  expect(bytes.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
  const inflate = createInflateRaw();
  inflate.end(bytes.subarray(10));
  const raw = await buffer(inflate);
  // What the inflater took is the deflate stream; the trailer has to be all that is left.
  expect(inflate.bytesWritten).toBe(bytes.length - 18);
  expect(bytes.readUInt32LE(bytes.length - 8)).toBe(crc32(raw));
  expect(bytes.readUInt32LE(bytes.length - 4)).toBe(raw.length % 2 ** 32);
  return raw.toString();
}

/** The lines of each file, sorted, as their order means nothing, after checking all that the result says of it. */
export async function readExport(directory: string, result: ExportResult, name = JSON_NAME): Promise<string[][]> {
  expect(readdirSync(directory).sort()).toEqual(result.files.map((file) => file.name).sort());
  const files = await Promise.all(result.files.map((file) => readDataFile(directory, file, name)));
  expect(result.itemCount).toBe(files.flat().length);
  return files;
}

async function readDataFile(directory: string, file: ExportedFile, name: RegExp): Promise<string[]> {
  const bytes = readFileSync(path.join(directory, file.name));
  const text = await readOnlyMember(bytes);
  const lines = text.split('\n').slice(0, -1);
  expect(file).toEqual({
    name: expect.stringMatching(name),
    itemCount: lines.length,
    sizeBytes: bytes.length,
    logicalBytes: Buffer.byteLength(text),
    md5: new Uint8Array(createHash('md5').update(bytes).digest()),
  });
  return lines.sort();
}

/** Exports into a folder that is emptied before, and reads that. */
export async function linesOf(backups: Backups, request: ExportRequest): Promise<string[][]> {
  rmSync(request.directory, { recursive: true, force: true });
  mkdirSync(request.directory, { recursive: true });
  return readExport(request.directory, await backups.export(request), request.format === 'ION' ? ION_NAME : JSON_NAME);
}

const PARTITIONS = ['0123', '4567', '89ab', 'cdef'];
const PARTITION_KEY = /\bpk"?:(?:\{"S":)?("(?:[^"\\]|\\.)*")/;

/**
 * The lines of each of the four partitions, sorted, of the files in their order. A file without lines stands for a
 * partition without any.
 */
export function inPartitions(files: readonly (readonly string[])[]): string[][] {
  const keysOf = files.map((lines) => new Set(lines.map(partitionKeyOf)));
  const partitions = keysOf.map((each) => {
    const numbers = new Set(
      [...each].map((pk) => PARTITIONS.findIndex((digits) => digits.includes(partitionHash(pk).charAt(0)))),
    );
    expect(numbers.size).toBeLessThanOrEqual(1);
    return [...numbers][0];
  });
  const numbered = partitions.filter((partition) => partition !== undefined);
  expect(numbered).toEqual([...numbered].sort((a, b) => a - b));
  const lines = PARTITIONS.map((_, partition) =>
    files.flatMap((each, n) => (partitions[n] === partition ? each : [])).sort(),
  );
  expect(files.filter((each) => each.length === 0)).toHaveLength(lines.filter((each) => each.length === 0).length);
  return lines;
}

function partitionKeyOf(line: string): string {
  return JSON.parse(PARTITION_KEY.exec(line)?.[1] ?? expect.fail(`No partition key in ${line}`));
}

/** Exports and reads a whole table as DynamoDB JSON, a list of lines a partition. */
export async function exportLines(
  backups: Backups,
  tableId: string,
  timeMicros: number,
  directory: string,
): Promise<string[][]> {
  const request = { exportType: 'FULL_EXPORT', tableId, timeMicros, format: 'DYNAMODB_JSON', directory } as const;
  return inPartitions(await linesOf(backups, request));
}
