import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOrders } from '../support/orders.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { markedBlocks } from './support/fenced-blocks.ts';
import { hasTools, shellIn } from './support/shell.ts';

const folder = temporaryDirectory();
let outport: OutportProcess;
let run: ReturnType<typeof shellIn>;

beforeAll(async () => {
  outport = await startOutport();
  await createOrders(outport);
  run = shellIn(folder.path, outport);
});
afterAll(() => outport.stop());

const runnable = (file: string) => markedBlocks(file).filter(({ marker }) => marker === 'run');

// Skipped where there is no jq, curl or zcat: see .ci/run.
test.skipIf(!hasTools)('docs/use.md runs from beginning to end', { timeout: 180_000 }, () => {
  const file = 'docs/use.md';
  const blocks = runnable(file);
  expect(blocks.length).toBeGreaterThan(5);
  const script = blocks.map(({ text, line }) => `echo "${file}:${line}" >&2\n${text}`).join('\n');
  const { status, stderr } = run('bash', '-euo', 'pipefail', '-c', script);

  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
});

describe('docs/embed.md', () => {
  test.each(runnable('docs/embed.md'))('runs its block at line $line', ({ line, text }) => {
    const file = path.join(folder.path, `embed-${line}.mjs`);
    writeFileSync(file, text);
    const { status, stderr } = run(process.execPath, file);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
