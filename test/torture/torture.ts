/**
 * Random histories whose writer is killed, with what a power loss may leave and with damage, against a naive model.
 *
 *   npm run test:torture -- [--seconds 60] [--seed N]
 *
 * A failure prints the seed of its round, which alone repeats it: the history, the limits, the commits before each kill and
 * the damage follow from it. What exactly the writer was doing when the kill reached it does not, so try it a few times.
 */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { playRound } from './round.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: `${randomInt(2 ** 31)}` } },
});
const firstSeed = Number(values.seed);
const end = performance.now() + Number(values.seconds) * 1000;
console.log(`Rounds for ${values.seconds} s from seed ${firstSeed}`);

const total = { rounds: 0, kills: 0, commits: 0, exports: 0, damages: 0, reported: 0 };
do {
  const seed = firstSeed + total.rounds;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'torture-'));
  try {
    const played = await playRound(folder, seed);
    total.rounds += 1;
    total.kills += played.kills;
    total.commits += played.commits;
    total.exports += played.exports;
    total.damages += played.damages;
    total.reported += played.reported;
    rmSync(folder, { recursive: true });
  } catch (error) {
    console.error(error);
    console.error(`\nSeed ${seed} failed; its files are in ${folder}. Again:`);
    console.error(`  npm run test:torture -- --seconds 1 --seed ${seed}`);
    process.exit(1);
  }
} while (performance.now() < end);
console.log(
  `${total.rounds} rounds: ${total.commits} commits, ${total.kills} kills, ${total.exports} exports compared, ` +
    `${total.damages} damaged copies of which ${total.reported} had an effect, each reported with its file`,
);
