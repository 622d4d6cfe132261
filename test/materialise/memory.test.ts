import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../engine/support/in-process.ts';
import { writeExport } from './support/written-exports.ts';

const MIB = 1024 * 1024;
/** What the process takes at its peak, threads and Node.js itself included, however long the chain is. */
const PEAK_BYTES_MAX = 450 * MIB;
const ITEMS = 102_000;

test('a chain several times as large as what is sorted in memory is materialised within bounds', async () => {
  const root = temporaryFolder();
  const itemOf = (n: number, version: number) =>
    `{"pk":{"S":"p${n}"},"version":{"N":"${version}"},"text":{"S":"${`${n * 7919} `.repeat(180)}"}}`;
  const numbers = (from: number) => Array.from({ length: ITEMS / 6 }, (_, n) => from + n);
  const starts = numbers(0)
    .slice(0, 6)
    .map((n) => (n * ITEMS) / 6);
  const full = {
    id: 'full',
    toMs: 0,
    files: starts.map((from) => numbers(from).map((n) => `{"Item":${itemOf(n, 1)}}`)),
  };
  const record = (n: number) => `{"Keys":{"pk":{"S":"p${n}"}},"NewImage":${itemOf(n, 2)}}`;
  const first = {
    id: 'first',
    fromMs: 0,
    toMs: 1000,
    files: starts.slice(0, 3).map((from) => numbers(from).map(record)),
  };
  const bytes = [...full.files, ...first.files].flat().reduce((sum, { length }) => sum + length, 0);
  expect(bytes).toBeGreaterThan(1.2 * 128 * MIB);
  const folders = [writeExport(root, full), writeExport(root, first)];

  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--import',
    'data:text/javascript,process.on("exit",()=>console.error(process.resourceUsage().maxRSS))',
    'build/cli/outport.mjs',
    'materialise',
    ...folders,
    ...['--as', 'parquet', '--out', path.join(root, 'out'), '--output', 'json'],
  ]);

  expect(JSON.parse(stdout)).toMatchObject({ itemCount: ITEMS });
  const peakBytes = Number(stderr.trim().split('\n').at(-1)) * 1024;
  expect(peakBytes).toBeLessThan(PEAK_BYTES_MAX);
}, 240_000);
