import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { type Backups, type Change, openBackups } from '../../src/engine/index.ts';
import { interleaved, type Run, timed } from '../measure.ts';
import { Orders } from './orders.ts';
import { spread, type Table } from './report.ts';
import { changesOf, startTable, WORKER_FILE } from './tables.ts';

/** Appends a round: `count` of `size` changes each, by so many callers at once. */
const APPENDS = [
  { size: 1, callers: 1, count: 400 },
  { size: 1, callers: 64, count: 6400 },
  { size: 16, callers: 1, count: 300 },
  { size: 128, callers: 1, count: 150 },
  { size: 1024, callers: 1, count: 40 },
] as const;
type Appends = (typeof APPENDS)[number];

interface TimedAppends extends Run {
  readonly millisOfEach: readonly number[];
}

/** Durable appends to the change log, beside as many plain writes of the same lines to a file, each with an fdatasync. */
export async function measureAppends(rounds: number, folder: string): Promise<Table> {
  const backups = await openBackups({ directory: path.join(folder, 'appended'), workerFile: WORKER_FILE });
  const plain = await open(path.join(folder, 'plain'), 'w');
  try {
    await startTable(backups, 'orders', new Orders({ count: 0, small: false }));
    const log = new AppendedLog(backups);
    const latencies = new Map<string, number[]>();
    const keeping = async (name: string, run: Promise<TimedAppends>): Promise<Run> => {
      const { millisOfEach } = await run;
      latencies.set(name, [...(latencies.get(name) ?? []), ...millisOfEach]);
      return run;
    };
    const work = APPENDS.flatMap((appends): [string, () => Promise<Run>][] => {
      const [engine, ofLines] = namesOf(appends);
      return [
        [engine, () => keeping(engine, log.append(appends))],
        [ofLines, () => keeping(ofLines, appendPlain(plain, log.nextChanges(appends.size), appends))],
      ];
    });
    const runsOf = await interleaved(rounds, new Map(work));
    return {
      title: 'Durable appends to the change log',
      notes: [
        `Median of ${rounds} rounds (min–max); a change has a line of about 440 bytes. Callers wait for one append before the next.`,
        'Against writes of the same lines to a plain file, one after the other and each followed by an fdatasync.',
      ],
      rows: APPENDS.map((appends) => {
        const [engine, ofLines] = namesOf(appends);
        const rates = (name: string, changes: number) =>
          spread(runsOf(name).map(({ wallSeconds }) => changes / wallSeconds));
        const changes = appends.size * appends.count;
        const engineRates = rates(engine, changes);
        const plainRates = rates(ofLines, changes / appends.callers);
        const millis = latencies.get(engine) ?? [];
        return {
          'changes an append': appends.size,
          'callers at once': appends.callers,
          'changes/s': engineRates,
          'plain file: lines/s': plainRates,
          '× plain file': engineRates.median / plainRates.median,
          'p50 ms': quantile(millis, 0.5),
          'p99 ms': quantile(millis, 0.99),
          'plain file: p99 ms': quantile(latencies.get(ofLines) ?? [], 0.99),
        };
      }),
    };
  } finally {
    await plain.close();
    await backups.close();
  }
}

function namesOf({ size, callers }: Appends): [engine: string, plain: string] {
  return [`engine ${size} × ${callers}`, `plain ${size} × ${callers}`];
}

/** Appends ever new changes to one table. */
class AppendedLog {
  readonly #backups: Backups;
  readonly #orders = new Orders({ count: 2 ** 31, small: false });
  #appended = 0;

  constructor(backups: Backups) {
    this.#backups = backups;
  }

  nextChanges(size: number): Change[] {
    const orders = Array.from({ length: size }, (_, n) => this.#appended + n);
    return changesOf(this.#orders, orders, this.#appended);
  }

  /** The changes are made before the clock starts. */
  async append({ size, callers, count }: Appends): Promise<TimedAppends> {
    const batches: Change[][] = [];
    for (let batch = 0; batch < count; batch++) {
      batches.push(this.nextChanges(size));
      this.#appended += size;
    }
    return timedEach(batches, callers, (batch) => this.#backups.append('orders', batch));
  }
}

function appendPlain(file: FileHandle, changes: readonly Change[], { callers, count }: Appends): Promise<TimedAppends> {
  const lines = Buffer.from(changes.map(({ newImage }) => `{"Item":${newImage}}\n`).join(''));
  const writes = Array<Buffer>(count / callers).fill(lines);
  return timedEach(writes, 1, async (bytes) => {
    await file.write(bytes);
    await file.datasync();
  });
}

/** Works on all pieces, so many at once; they are begun in their order. */
async function timedEach<T>(
  pieces: Iterable<T>,
  atOnce: number,
  work: (piece: T) => Promise<void>,
): Promise<TimedAppends> {
  const millisOfEach: number[] = [];
  const left = pieces[Symbol.iterator]();
  const worker = async () => {
    for (let next = left.next(); !next.done; next = left.next()) {
      const start = performance.now();
      await work(next.value);
      millisOfEach.push(performance.now() - start);
    }
  };
  const run = await timed(() => Promise.all(Array.from({ length: atOnce }, worker)));
  return { ...run, millisOfEach };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}
