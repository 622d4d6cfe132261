import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { type Backups, type Change, openBackups } from '../../src/engine/index.ts';
import { interleaved, median, type Run, timed } from '../measure.ts';
import { Orders } from './orders.ts';
import { type Row, spread, type Table } from './report.ts';
import { changesOf, startTable, WORKER_FILE } from './tables.ts';

/** Appends a round, by the changes of each. */
const APPENDS = new Map([
  [1, 400],
  [16, 300],
  [128, 150],
  [1024, 40],
]);

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
    const kept = (name: string, run: TimedAppends): Run => {
      latencies.set(name, [...(latencies.get(name) ?? []), ...run.millisOfEach]);
      return run;
    };
    const work = [...APPENDS].flatMap(([size, count]): [string, () => Promise<Run>][] => [
      [`engine ${size}`, async () => kept(`engine ${size}`, await log.append(size, count))],
      [`plain ${size}`, async () => kept(`plain ${size}`, await appendPlain(plain, log.nextChanges(size), count))],
    ]);
    const runsOf = await interleaved(rounds, new Map(work));
    return {
      title: 'Durable appends to the change log',
      notes: [
        `Median of ${rounds} rounds (min–max), one append after the other; a change has a line of about 440 bytes.`,
        'Against writes of the same lines to a plain file, each followed by an fdatasync.',
      ],
      rows: [...APPENDS].map(([size, count]) => {
        const engine = runsOf(`engine ${size}`);
        const rates = (runs: readonly Run[]) => runs.map((run) => (size * count) / run.wallSeconds);
        return appendsRow(size, rates(engine), rates(runsOf(`plain ${size}`)), latencies.get(`engine ${size}`) ?? []);
      }),
    };
  } finally {
    await plain.close();
    await backups.close();
  }
}

function appendsRow(size: number, engine: readonly number[], plain: readonly number[], millis: readonly number[]): Row {
  return {
    'changes an append': size,
    'changes/s': spread(engine),
    'plain file: lines/s': spread(plain),
    '× plain file': median(engine) / median(plain),
    'p50 ms': quantile(millis, 0.5),
    'p99 ms': quantile(millis, 0.99),
  };
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
  async append(size: number, count: number): Promise<TimedAppends> {
    const batches: Change[][] = [];
    for (let batch = 0; batch < count; batch++) {
      batches.push(this.nextChanges(size));
      this.#appended += size;
    }
    return timedEach(batches, (batch) => this.#backups.append('orders', batch));
  }
}

function appendPlain(file: FileHandle, changes: readonly Change[], count: number): Promise<TimedAppends> {
  const lines = Buffer.from(changes.map(({ newImage }) => `{"Item":${newImage}}\n`).join(''));
  return timedEach(Array<Buffer>(count).fill(lines), async (bytes) => {
    await file.write(bytes);
    await file.datasync();
  });
}

async function timedEach<T>(pieces: readonly T[], work: (piece: T) => Promise<void>): Promise<TimedAppends> {
  const millisOfEach: number[] = [];
  const run = await timed(async () => {
    for (const piece of pieces) {
      const start = performance.now();
      await work(piece);
      millisOfEach.push(performance.now() - start);
    }
  });
  return { ...run, millisOfEach };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}
