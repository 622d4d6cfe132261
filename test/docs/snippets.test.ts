import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validatePolicies } from '../../src/services/policies.ts';
import { createOrders } from '../support/orders.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { fencedBlocks } from './support/fenced-blocks.ts';
import { hasAwsCli, hasTools, shellIn } from './support/shell.ts';

const GUIDES = readdirSync('docs').filter((name) => name.endsWith('.md'));
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...GUIDES.map((name) => `docs/${name}`)];
const MARKERS = new Set(['run', 'session', 'checked', 'start', 'elsewhere']);

const folder = temporaryDirectory();
let outport: OutportProcess;
let run: ReturnType<typeof shellIn>;

beforeAll(async () => {
  outport = await startOutport();
  await createOrders(outport);
  run = shellIn(folder.path, outport);
});
afterAll(() => outport.stop());

const blocksOf = (file: string, marker: string) => fencedBlocks(file).filter((block) => block.marker === marker);

test('every block of the docs is run or checked, or says why it cannot be', () => {
  const unmarked = DOCUMENTS.flatMap((file) =>
    fencedBlocks(file).flatMap(({ marker, line }) => (MARKERS.has(marker) ? [] : `${file}:${line}`)),
  );
  expect(unmarked).toEqual([]);
  const runnable = DOCUMENTS.filter((file) => blocksOf(file, 'run').length > 0);
  expect(runnable.sort()).toEqual([...SCRIPTS, 'README.md', EMBED].sort());
});

/** One script of the blocks of a document, which says on the way where it is. */
const scriptOf = (file: string): string =>
  blocksOf(file, 'run')
    .map(({ text, line }) => `echo "${file}:${line}" >&2\n${text}`)
    .join('\n');

const SCRIPTS = ['docs/use.md', 'docs/materialise.md', 'docs/audit.md'];

// Skipped where there is no jq, curl or zcat: see .ci/run.
describe.skipIf(!hasTools)('the blocks of', () => {
  test.each(SCRIPTS)('%s run from beginning to end', { timeout: 180_000 }, (file) => {
    const { status, stderr } = run('bash', '-euo', 'pipefail', '-c', `cd $(mktemp -d -p .)\n${scriptOf(file)}`);

    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  });

  test.skipIf(!hasAwsCli)('README.md run on an Outport that has just been started', { timeout: 180_000 }, async () => {
    const fresh = await startOutport();
    const script = scriptOf('README.md')
      .replaceAll('http://127.0.0.1:4566', fresh.awsEndpoint)
      .replaceAll('http://127.0.0.1:4000/graphql', fresh.graphqlUrl);
    const started = shellIn(
      temporaryDirectory().path,
      fresh,
    )(...(['bash', '-euo', 'pipefail', '-O', 'expand_aliases', '-c', script] as const));
    await fresh.stop();

    expect({ ...started, stderr: started.status === 0 ? '' : started.stderr }).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('"userErrors":[]'),
    });
    expect(started.stdout).toContain('"EventName": "ExportTableToPointInTime"');
  });
});

const EMBED = 'docs/embed.md';
describe(EMBED, () => {
  test.each(blocksOf(EMBED, 'run'))('runs its block at line $line', ({ line, text }) => {
    const file = path.join(folder.path, `embed-${line}.mjs`);
    writeFileSync(file, text);
    const { status, stderr } = run(process.execPath, file);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('what is checked of', () => {
  const checked = DOCUMENTS.flatMap((file) => blocksOf(file, 'checked').map((block) => ({ ...block, file })));
  test.each(checked)('$file, the $language at line $line', ({ language, text }) => {
    const check = CHECKS[language];
    if (!check) throw new Error(`nothing is known of blocks of ${language}`);
    check(text);
  });
});

/** By language, what throws when a text is not what it says it is. */
const CHECKS: Readonly<Record<string, (text: string) => void>> = {
  json: JSON.parse,
  graphql: (text) => {
    const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));
    expect(validate(schema, parse(text))).toEqual([]);
  },
  cedar: (text) => {
    const policies = mkdtempSync(path.join(folder.path, 'policies-'));
    copyFileSync('policies/outport.cedarschema', path.join(policies, 'outport.cedarschema'));
    writeFileSync(path.join(policies, 'documented.cedar'), text);
    validatePolicies(policies);
  },
  js: verifiesWebhooks,
};

/** Runs the body of a receiver of webhooks. */
function verifiesWebhooks(text: string): void {
  const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of twenty-four bytes').toString('base64')}`;
  const body = '{"id":"exp_1/5"}';
  const now = new Date();
  const headers = {
    'webhook-id': 'exp_1/5',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(WEBHOOK_SECRET).sign('exp_1/5', now, body),
  };
  const code = `${text.replace(/^import .*$/m, '')}\nreturn event;`;
  const receive = new Function('Webhook', 'process', 'body', 'headers', code);
  expect(receive(Webhook, { env: { WEBHOOK_SECRET } }, body, headers)).toEqual({ id: 'exp_1/5' });
}
