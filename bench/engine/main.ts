/**
 * The engine beside what else could do its work: exports against cp, pigz and Scan, bases against pigz, and the change
 * log against plain files. Everything is made and measured in the same run, in turns.
 *
 *   npm run bench:engine -- [--items N] [--small] [--curve] [--rounds N] [--json FILE] [--directory DIR]
 *
 * 2,500,000 items are 1.1 GB of DynamoDB JSON; `--small` makes items of about 110 bytes, to reach 10,000,000, and `--curve`
 * measures nothing but the same changes to tables of more and more items. The directory needs about three times that and
 * is left as it was.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureAppends } from './appends.ts';
import { measureBases } from './bases.ts';
import { measureCurve } from './curve.ts';
import { prepareCurve, prepareTables } from './export-cases.ts';
import { startExporter } from './exporter.ts';
import { measureExports } from './exports.ts';
import { measureMemory } from './memory.ts';
import { Orders } from './orders.ts';
import { findCompressor } from './programs.ts';
import { format, type Table } from './report.ts';

const BASE_ITEMS = 200_000;
const ITEMS_MIN = 1000;

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '1000000' },
    small: { type: 'boolean', default: false },
    curve: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    directory: { type: 'string', default: os.tmpdir() },
  },
});
const items = Number(values.items);
const rounds = Number(values.rounds);
if (!(Number.isInteger(items) && items >= ITEMS_MIN)) throw new Error(`--items is ${ITEMS_MIN} or more`);
if (!(Number.isInteger(rounds) && rounds >= 1)) throw new Error('--rounds is 1 or more');

const ordersOf = (count: number) => new Orders({ count, small: values.small });
const environment = {
  startedAt: new Date().toISOString(),
  node: process.version,
  cpu: `${os.cpus().length} × ${os.cpus()[0]?.model.trim()}`,
  memoryGb: Math.round(os.totalmem() / 1e9),
  loadAverageBefore: os.loadavg()[0],
};
console.log(
  `${environment.cpu}, ${environment.memoryGb} GB, Node ${environment.node}, load ${environment.loadAverageBefore}\n`,
);

// The engine's threads give way to others on Linux. So that what it is measured against gets no more of a busy machine,
// this process does so too, and with it all that it starts.
os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);

const folder = await mkdtemp(path.join(path.resolve(values.directory), 'outport-bench-'));
const tables: Table[] = [];
const print = (table: Table) => {
  tables.push(table);
  console.log(format(table));
};
try {
  const backupsDirectory = path.join(folder, 'backups');
  await (values.curve ? measureOnlyCurve(backupsDirectory) : measureAll(backupsDirectory));
  if (values.json) await writeFile(values.json, `${JSON.stringify({ environment, items, rounds, tables }, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}

async function measureAll(backupsDirectory: string): Promise<void> {
  const compressor = await findCompressor();
  print(await measureAppends(rounds, folder));
  print(await measureBases(ordersOf(BASE_ITEMS), compressor, rounds, folder));

  const orders = ordersOf(items);
  const { unchanged, cases, curve } = await prepareTables(backupsDirectory, ordersOf, items);
  print(await measureMemory(backupsDirectory, cases, folder));
  const exporter = startExporter(backupsDirectory);
  try {
    print(await measureExports({ exporter, orders, unchanged, cases, compressor, rounds, folder }));
    print(await measureCurve(exporter, curve, rounds, folder));
  } finally {
    await exporter.close();
  }
}

async function measureOnlyCurve(backupsDirectory: string): Promise<void> {
  const curve = await prepareCurve(backupsDirectory, ordersOf, items);
  const exporter = startExporter(backupsDirectory);
  try {
    print(await measureCurve(exporter, curve, rounds, folder));
  } finally {
    await exporter.close();
  }
}
