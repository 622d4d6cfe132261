import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOrders } from '../support/orders.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { fencedBlocks } from './support/fenced-blocks.ts';
import { hasTools, shellIn } from './support/shell.ts';

const README = 'README.md';

const folder = temporaryDirectory();
let outport: OutportProcess;
beforeAll(async () => {
  outport = await startOutport();
  await createOrders(outport, { items: 1_200 });
});
afterAll(() => outport.stop());

/** What differs from run to run. */
const masked = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/exp_\w{26}/g, 'EXPORT')
    .replaceAll(/\d{14}-[0-9a-f]{8}/g, 'AWS_EXPORT')
    .replaceAll(/[0-9a-f]{32}/g, 'TOKEN')
    .replaceAll(/[\d.]+ (B|KiB)\b/g, 'SIZE')
    .replaceAll(/ +/g, ' ');

/** Runs the lines that begin with `$` in one shell, each followed by what it prints. */
function record(session: string): string {
  const commands = [...session.matchAll(/^\$ (.*)$/gm)].map(([, command = '']) => command);
  const script = commands.map((command) => `printf '$ %s\\n' ${quoted(command)}\n{ ${command}; } 2>&1`).join('\n');
  const { stdout } = shellIn(folder.path, outport)('bash', '-c', script);
  return stdout.replaceAll(folder.path, '~');
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

// Skipped where there is no jq, curl or zcat: see .ci/run.
test.skipIf(!hasTools)('the session in the README is what the command prints', () => {
  const [session] = fencedBlocks(README).filter(({ marker }) => marker === 'session');
  expect(session).toBeDefined();
  const recorded = session?.text ?? '';
  const printed = record(recorded);
  if (process.env.RECORD)
    writeFileSync(
      README,
      readFileSync(README, 'utf8').replace(recorded, () => printed),
    );

  expect(masked(process.env.RECORD ? printed : recorded)).toBe(masked(printed));
});
