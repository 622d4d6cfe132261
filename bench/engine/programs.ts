import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Run } from '../measure.ts';

const execute = promisify(execFile);

/** A gzip that uses both cores: what people would compress the lines of a table with. */
export interface Compressor {
  readonly name: string;
  /** Compresses two halves of the lines into files beside them. */
  run(halves: readonly [string, string], level: number): Promise<Run>;
}

/** pigz where it is on the PATH; otherwise one gzip for each half of the lines, side by side. */
export async function findCompressor(): Promise<Compressor> {
  const hasPigz = await execute('pigz', ['--version']).then(
    () => true,
    () => false,
  );
  return hasPigz
    ? {
        name: 'pigz -p2',
        run: (halves, level) => shell('pigz -p2 "-$1" -c "$2" "$3" > "$2.gz"', [`${level}`, ...halves]),
      }
    : {
        name: '2 × gzip',
        run: (halves, level) =>
          shell('gzip "-$1" -c "$2" > "$2.gz" & first=$!; gzip "-$1" -c "$3" > "$3.gz"; wait $first', [
            `${level}`,
            ...halves,
          ]),
      };
}

/** Copies files into a folder as `cp` does it: nothing is flushed to the disk. */
export function copy(files: readonly string[], folder: string): Promise<Run> {
  return shell('cp "$@"', [...files, folder]);
}

/** Inflates gzip files into two files of the folder, half of them each. */
export async function inflateHalves(files: readonly string[], folder: string): Promise<readonly [string, string]> {
  const middle = Math.ceil(files.length / 2);
  const halves = [path.join(folder, 'lines-0'), path.join(folder, 'lines-1')] as const;
  await shell('into="$1"; shift; gzip -dc "$@" > "$into"', [halves[0], ...files.slice(0, middle)]);
  await shell('into="$1"; shift; gzip -dc "$@" > "$into"', [halves[1], ...files.slice(middle)]);
  return halves;
}

/** Writes out what waits to be written, so that it does not disturb what is measured next. */
export async function flushDisks(): Promise<void> {
  await execute('sync');
}

/** Runs a script; `times` prints the CPU time of the shell and then that of all the programs it waited for. */
async function shell(script: string, args: readonly string[]): Promise<Run> {
  const start = performance.now();
  const { stdout } = await execute('sh', ['-c', `set -e; ${script}; times`, 'sh', ...args]);
  const wallSeconds = (performance.now() - start) / 1000;
  const ofPrograms = [...stdout.matchAll(/(\d+)m([\d.]+)s/g)].slice(-2);
  const cpuSeconds = ofPrograms.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
  return { wallSeconds, cpuSeconds };
}
