import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { StoredBackups } from '../../src/engine/backups.ts';
import { type Backups, DamagedError, type ExportRequest } from '../../src/engine/index.ts';
import { runJob } from '../../src/engine/job.ts';
import { NaiveHistory } from '../engine/support/naive-history.ts';
import { Random } from './random.ts';
import { commitsOf, limitsOf, START, TABLE } from './scenario.ts';

const WRITER = fileURLToPath(new URL('./torture-writer.mjs', import.meta.url));
const EXPORTS_A_KILL = 4;
const DAMAGES_A_ROUND = 6;

export interface Played {
  readonly kills: number;
  readonly commits: number;
  readonly exports: number;
  readonly damages: number;
  readonly reported: number;
}

/** One history: written and killed a few times, checked after each, and damaged in the end. Throws at what is wrong. */
export async function playRound(folder: string, seed: number): Promise<Played> {
  const random = new Random(seed ^ 0x5bd1e995);
  const directory = path.join(folder, 'backups');
  const history = new NaiveHistory(START, []);
  const commits = commitsOf(seed);
  const kills = random.integer(1, 4);
  let exports = 0;
  for (let kill = 0; kill < kills; kill++) {
    const acknowledged = await writeUntilKilled(folder, seed, random.integer(1, 150));
    if (random.chance(0.5)) tearTail(directory, random);
    const backups = await open(directory, seed);
    try {
      const through = backups.appendedThrough(TABLE) ?? Number.NaN;
      assert(through >= acknowledged, `${acknowledged} was acknowledged, and the history ends at ${through}`);
      while ((history.changes.at(-1)?.sequence ?? 0) < through) history.commit(commits.next().value);
      assert.equal(history.changes.at(-1)?.sequence ?? 0, through, 'a commit is there as a whole or not at all');
      for (const request of randomRequests(random, backups, history, path.join(folder, 'export'))) {
        assert.deepEqual(await linesOf(backups, request), expectedLines(history, request), JSON.stringify(request));
        exports += 1;
      }
    } finally {
      await backups.close();
    }
  }
  let reported = 0;
  for (let damage = 0; damage < DAMAGES_A_ROUND; damage++) {
    if (await survivesDamage(folder, seed, random, history)) reported += 1;
  }
  return { kills, commits: history.changes.length, exports, damages: DAMAGES_A_ROUND, reported };
}

/** Returns the sequence of the last change that the writer said was durable. */
async function writeUntilKilled(folder: string, seed: number, commitCount: number): Promise<number> {
  const args = [WRITER, path.join(folder, 'backups'), path.join(folder, 'export'), `${seed}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let acknowledged = 0;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    count += 1;
    if (count === commitCount) child.kill('SIGKILL');
  }
  assert.deepEqual(await exited, [null, 'SIGKILL'], 'the writer ended by itself');
  return acknowledged;
}

/** What a crash in the middle of writing a frame leaves: the beginning of one, or anything at all. */
function tearTail(directory: string, random: Random): void {
  const logs = filesOf(directory).filter((file) => path.basename(file).startsWith('log-'));
  const last = logs.sort((a, b) => numberOf(a) - numberOf(b)).at(-1);
  if (last === undefined) return;
  const frame = Buffer.from('ff4f5034ffff0000', 'hex');
  const noise = Buffer.from(Array.from({ length: random.integer(1, 60) }, () => random.integer(0, 255)));
  appendFileSync(last, random.chance(0.5) ? noise : Buffer.concat([frame, noise]));
}

const numberOf = (log: string) => Number(path.basename(log).slice('log-'.length));

/** Changes a bit of some file, or cuts it short. Whether that had an effect, which then has to name the file. */
async function survivesDamage(folder: string, seed: number, random: Random, history: NaiveHistory): Promise<boolean> {
  const copy = path.join(folder, 'damaged');
  rmSync(copy, { recursive: true, force: true });
  cpSync(path.join(folder, 'backups'), copy, { recursive: true });
  const file = random.pick(filesOf(path.join(copy, 'tables')).filter((each) => statSync(each).size > 0));
  const offset = random.integer(0, statSync(file).size - 1);
  // A log that is cut short at a frame is what a crash leaves, and nobody can tell: it is not cut here.
  if (random.chance(0.3) && !path.basename(file).startsWith('log-')) truncateSync(file, offset);
  else flipBit(file, offset, random.integer(0, 7));

  const backups = await open(copy, seed);
  let reported = false;
  try {
    for (const request of randomRequests(random, backups, history, path.join(folder, 'export'))) {
      try {
        assert.deepEqual(await linesOf(backups, request), expectedLines(history, request), `${file} at ${offset}`);
      } catch (error) {
        if (!(error instanceof DamagedError)) throw error;
        assert.equal(error.file, file);
        assert(error.offset <= offset, `damage at ${offset} was reported at ${error.offset}`);
        reported = true;
      }
    }
  } finally {
    await backups.close();
  }
  return reported;
}

function flipBit(file: string, offset: number, bit: number): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(offset) ^ (1 << bit), offset);
  writeFileSync(file, bytes);
}

/** Exports of both types at the edges of the window and anywhere in it. */
function randomRequests(random: Random, backups: Backups, history: NaiveHistory, directory: string): ExportRequest[] {
  const latestMicros = history.changes.at(-1)?.timeMicros ?? START.timeMicros;
  const earliestMicros = backups.window(TABLE, latestMicros)?.earliestMicros ?? latestMicros;
  const anyTime = () => earliestMicros + Math.floor(random.fraction() * (latestMicros - earliestMicros + 1));
  const full = { tableId: TABLE, format: 'DYNAMODB_JSON', directory } as const;
  return Array.from({ length: EXPORTS_A_KILL }, () => {
    if (random.chance(0.3)) {
      const [fromMicros = 0, toMicros = 0] = [anyTime(), anyTime()].sort((a, b) => a - b);
      const view = random.pick(['NEW_IMAGE', 'NEW_AND_OLD_IMAGES'] as const);
      const keyNames = ['pk', 'sk'];
      return { ...full, exportType: 'INCREMENTAL_EXPORT', fromMicros, toMicros: toMicros + 1, view, keyNames };
    }
    return {
      ...full,
      exportType: 'FULL_EXPORT',
      timeMicros: random.pick([earliestMicros, latestMicros, anyTime(), anyTime()]),
    };
  });
}

function expectedLines(history: NaiveHistory, request: ExportRequest): string[] {
  const partitions =
    request.exportType === 'INCREMENTAL_EXPORT'
      ? history.filesBetween(request.fromMicros, request.toMicros, request.view)
      : history.filesAt(request.timeMicros);
  return partitions.flat().sort();
}

async function linesOf(backups: Backups, request: ExportRequest): Promise<string[]> {
  rmSync(request.directory, { recursive: true, force: true });
  mkdirSync(request.directory, { recursive: true });
  const { files } = await backups.export(request);
  assert.deepEqual(readdirSync(request.directory).sort(), files.map(({ name }) => name).sort());
  const lines = files.flatMap(({ name, md5, itemCount }) => {
    const bytes = readFileSync(path.join(request.directory, name));
    assert.equal(createHash('md5').update(bytes).digest('hex'), Buffer.from(md5).toString('hex'));
    const ofFile = gunzipSync(bytes).toString().split('\n').slice(0, -1);
    assert.equal(ofFile.length, itemCount);
    return ofFile;
  });
  return lines.sort();
}

function open(directory: string, seed: number): Promise<Backups> {
  return StoredBackups.open({
    directory,
    now: () => Number.MAX_SAFE_INTEGER,
    limits: limitsOf(seed),
    runJob,
    endJobs: async () => undefined,
  });
}

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
