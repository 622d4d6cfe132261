/** One run of something. */
export interface Run {
  readonly wallSeconds: number;
  /** User and system time of every process and thread that worked on it. */
  readonly cpuSeconds: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}

/** Times work of this process, its threads included. */
export async function timed(work: () => Promise<unknown>): Promise<Run> {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await work();
  const wallSeconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallSeconds, cpuSeconds: (user + system) / 1e6 };
}

/**
 * Runs everything in turns, `rounds` times: what disturbs the machine for a while then disturbs all alike.
 * The runs are returned under the names of the work.
 */
export async function interleaved(
  rounds: number,
  work: ReadonlyMap<string, () => Promise<Run>>,
): Promise<(name: string) => readonly Run[]> {
  const runs = new Map<string, Run[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of work) runs.set(name, [...(runs.get(name) ?? []), await run()]);
  }
  return (name) => runs.get(name) ?? [];
}

/** The median time of the runs. */
export function wallSeconds(runs: readonly Run[]): number {
  return median(runs.map((run) => run.wallSeconds));
}

/** The median CPU time of the runs. */
export function cpuSeconds(runs: readonly Run[]): number {
  return median(runs.map((run) => run.cpuSeconds));
}
