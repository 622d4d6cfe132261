import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createOutportClient, ExportFilesDocument } from '../../src/client/index.ts';
import { exportInProgress, recordsTableOf, writeMove } from '../support/export-moves.ts';
import { createOrders, LAKE } from '../support/orders.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type Command, commandWith } from './support/command.ts';
import { type Middleman, startMiddleman } from './support/middleman.ts';

const ITEMS = 200;

const folder = temporaryDirectory();
let outport: OutportProcess;
let middleman: Middleman;
let command: Command;
let id: string;
/** The MD5 of each file, by its name. */
let expected: Map<string, string>;
let target: string;

beforeAll(async () => {
  outport = await startOutport();
  middleman = await startMiddleman(outport);
  const OUTPORT_TOKEN = outport.token;
  command = commandWith(folder.path, { OUTPORT_URL: middleman.graphqlUrl, OUTPORT_TOKEN });
  const client = createOutportClient({ url: outport.graphqlUrl, token: OUTPORT_TOKEN });
  const { tableArn } = await createOrders(outport, { items: ITEMS });
  const { export: started } = await client.exportTable({ tableArn, destination: { bucket: LAKE } });
  ({ id } = await client.waitForExport(started.id));
  const { export: found } = await client.request(ExportFilesDocument, { id, first: 50 });
  expected = new Map(found?.files?.nodes.map(({ key, md5Checksum }) => [path.basename(key), md5Checksum]));
});
afterAll(async () => {
  await middleman.close();
  await outport.stop();
});
beforeEach(({ task }) => {
  middleman.treat('WHOLE');
  middleman.ranges.length = 0;
  target = path.join(folder.path, task.id);
});

const download = (...options: string[]) => command.run('download', id, '--to', target, ...options);

async function downloaded(): Promise<Map<string, string>> {
  const names = (await readdir(target)).sort();
  const sums = names.map(async (name): Promise<[string, string]> => {
    const bytes = await readFile(path.join(target, name));
    return [name, createHash('md5').update(bytes).digest('base64')];
  });
  return new Map(await Promise.all(sums));
}

const sorted = (sums: ReadonlyMap<string, string>) => [...sums].sort();

test('downloads every file as the manifest says, and none of them twice', async () => {
  const first = await download();
  const again = await download();

  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+ files, [\d.]+ \w+, as the manifest says/),
  });
  expect(first.stderr).toBe('');
  expect(sorted(await downloaded())).toEqual(sorted(expected));
  expect(again.stdout).toContain(`${expected.size} of them there already`);
  expect(middleman.ranges).toHaveLength(expected.size);
  const files = await Promise.all([...expected.keys()].map((name) => readFile(path.join(target, name))));
  const lines = files.flatMap((file) => gunzipSync(file).toString().split('\n').filter(Boolean));
  expect(lines).toHaveLength(ITEMS);
});

test('goes on from where it was when it is killed', async () => {
  middleman.treat('STALL');
  const killed = command.start('exports', 'download', id, '--to', target, '--parallel', '2');
  await vi.waitFor(async () => {
    const [name = 'none'] = (await readdir(target)).filter((each) => each.endsWith('.partial'));
    expect((await stat(path.join(target, name))).size).toBeGreaterThan(0);
  }, 20_000);
  killed.kill('SIGKILL');
  await once(killed, 'close');
  middleman.treat('WHOLE');
  middleman.ranges.length = 0;
  const { code } = await download();

  expect(code).toBe(0);
  expect(middleman.ranges.some((range) => /^bytes=[1-9]\d*-$/.test(range))).toBe(true);
  expect(sorted(await downloaded())).toEqual(sorted(expected));
});

test('says on Ctrl-C how to go on', async () => {
  middleman.treat('STALL');
  const interrupted = command.start('download', id, '--to', target);
  const said = text(interrupted.stderr);
  await vi.waitFor(() => expect(middleman.ranges.length).toBeGreaterThan(1), 20_000);
  interrupted.kill('SIGINT');
  const [code] = await once(interrupted, 'close');

  expect(code).toBe(130);
  expect(await said).toMatch(/^outport: What has come is kept\. Run the same command again/);
});

test('says so when there is no place for the files', async () => {
  await writeFile(target, 'a file');
  const { code, stderr } = await download();

  expect(code).toBe(1);
  expect(stderr).toMatch(/^outport: The folder \S+ cannot be made: .*EEXIST.*\nName another with --to\.\n$/);
});

test('goes on over another connection when one breaks off', async () => {
  middleman.treat('CUT', 3);
  const { code, stderr } = await download('--parallel', '1');

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(middleman.ranges.some((range) => /^bytes=[1-9]\d*-$/.test(range))).toBe(true);
  expect(sorted(await downloaded())).toEqual(sorted(expected));
});

test('finds a bit that was flipped, and keeps nothing of it', async () => {
  middleman.treat('FLIP_A_BIT', 1);
  const { code, stderr } = await download('--parallel', '1');

  expect(code).toBe(3);
  expect(stderr).toMatch(/is damaged: its MD5 is \S+, and should be \S+\. It was not kept\.\nDownload it again/);
  expect(await readdir(target)).toEqual([]);
  expect((await download()).code).toBe(0);
  expect(sorted(await downloaded())).toEqual(sorted(expected));
});

test('begins anew with a file whose kept part is of something else, or longer', async () => {
  const [first = '', second = ''] = expected.keys();
  await mkdir(target);
  await writeFile(path.join(target, `${first}.partial`), 'x');
  await writeFile(path.join(target, `${second}.partial`), 'x'.repeat(100_000));
  await writeFile(path.join(target, second), 'not it');
  const { code } = await download();

  expect(code).toBe(0);
  expect(sorted(await downloaded())).toEqual(sorted(expected));
});

test('says why there is nothing to download', async () => {
  const records = recordsTableOf(outport);
  await writeMove(records, exportInProgress('exp_running', 1));
  records.client.destroy();

  expect(await command.run('download', 'exp_running')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Export exp_running is IN_PROGRESS: it has no files to download.'),
  });
  expect((await command.run('download', 'exp_none')).stderr).toContain('There is no export "exp_none"');
});
