import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { TINY_LIMITS } from './support/changes.ts';
import { COMMITS_START, endlessCommits } from './support/endless-commits.ts';
import { openInProcess, temporaryFolder } from './support/in-process.ts';
import { NaiveHistory } from './support/naive-history.ts';
import { exportLines } from './support/read-export.ts';

/** Commits acknowledged before each kill; what the process is doing when it dies is up to the machine. */
const ROUNDS = [1, 40, 7, 3, 77, 20, 2, 61];

/** Runs the appending process and kills it after that many commits; returns the last sequence it acknowledged. */
async function appendUntilKilled(program: string, directory: string, commits: number): Promise<number> {
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let acknowledged = 0;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    count += 1;
    if (count === commits) child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return acknowledged;
}

test('a process killed at any moment loses no acknowledged change and no history', async () => {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'backups');
  const program = path.join(folder, 'appending-process.mjs');
  const bundle = await rolldown({
    input: fileURLToPath(new URL('./support/appending-process.ts', import.meta.url)),
    platform: 'node',
    external: [/^[^./]/],
  });
  await bundle.write({ file: program, format: 'esm' });
  const history = new NaiveHistory(COMMITS_START, []);
  const commits = endlessCommits();

  for (const commitCount of ROUNDS) {
    const acknowledged = await appendUntilKilled(program, directory, commitCount);

    const backups = await openInProcess(directory, { limits: TINY_LIMITS });
    const through = backups.appendedThrough('table') ?? Number.NaN;
    expect(through).toBeGreaterThanOrEqual(acknowledged);
    while ((history.changes.at(-1)?.sequence ?? 0) < through) history.commit(commits.next().value);
    expect(history.changes.at(-1)?.sequence).toBe(through);

    const nowMicros = history.changes.at(-1)?.timeMicros ?? Number.NaN;
    const earliestMicros = backups.window('table', nowMicros)?.earliestMicros ?? Number.NaN;
    for (const timeMicros of [earliestMicros, Math.round((earliestMicros + nowMicros) / 2), nowMicros]) {
      const lines = await exportLines(backups, 'table', timeMicros, path.join(folder, 'export'));
      expect(lines).toEqual(history.filesAt(timeMicros));
    }
    await backups.close();
  }
});
