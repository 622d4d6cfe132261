/** Appends endless commits to the backups in its first argument until it is killed, and prints what is acknowledged. */
import { writeSync } from 'node:fs';
import { StoredBackups } from '../../../src/engine/backups.ts';
import { runJob } from '../../../src/engine/job.ts';
import { itemsOf, TINY_LIMITS } from './changes.ts';
import { COMMITS_START, endlessCommits } from './endless-commits.ts';

const backups = await StoredBackups.open({
  directory: `${process.argv[2]}`,
  now: Date.now,
  limits: TINY_LIMITS,
  runJob: runJob,
  endJobs: async () => undefined,
});
if (backups.appendedThrough('table') === undefined) {
  await backups.start('table', { ...COMMITS_START, periodDays: 2 }, itemsOf([]));
}
let maintained = Promise.resolve();
for (const changes of endlessCommits()) {
  const last = changes.at(-1);
  if (last === undefined || last.sequence <= (backups.appendedThrough('table') ?? 0)) continue;
  await backups.append('table', changes);
  writeSync(1, `${last.sequence}\n`);
  if (last.sequence % 5 === 0) maintained = maintained.then(() => backups.maintain(last.timeMicros));
}
