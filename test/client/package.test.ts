import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const run = promisify(execFile);
const folder = temporaryDirectory();
const TSC = path.resolve('node_modules/typescript/bin/tsc');
const OPTIONS = ['--strict', '--noEmit', '--target', 'es2022'];

let outport: OutportProcess;

/** A project in which the archive of the client is installed, and nothing else. */
beforeAll(async () => {
  outport = await startOutport();
  const client = path.resolve('build/client');
  const { stdout } = await run('npm', ['pack', client, '--silent', '--pack-destination', folder.path]);
  await write('package.json', '{ "private": true }');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', stdout.trim()], { cwd: folder.path });
});
afterAll(() => outport.stop());

async function write(name: string, text: string): Promise<string> {
  const file = path.join(folder.path, name);
  await writeFile(file, text);
  return file;
}

const CALL = `
  const client = createOutportClient({ url: process.env.OUTPORT_URL, token: process.env.OUTPORT_TOKEN });
  client.request(ViewerDocument).then(({ viewer }) => console.log(viewer.subject));
`;

describe('outport/client', () => {
  test('brings no other package with it', async () => {
    expect((await readdir(path.join(folder.path, 'node_modules'))).filter((name) => !name.startsWith('.'))).toEqual([
      'outport',
    ]);
  });

  test.each([
    ['imported', 'call.mjs', "import { createOutportClient, ViewerDocument } from 'outport/client';"],
    ['required', 'call.cjs', "const { createOutportClient, ViewerDocument } = require('outport/client');"],
  ])('can be %s', async (_, name, header) => {
    const file = await write(name, header + CALL);
    const env = { ...process.env, OUTPORT_URL: outport.graphqlUrl, OUTPORT_TOKEN: outport.token };

    expect(await run(process.execPath, [file], { cwd: folder.path, env })).toMatchObject({ stdout: 'developer\n' });
  });

  test.each([
    ['ES modules of Node.js', 'typed.mts', ['--module', 'nodenext']],
    ['CommonJS', 'typed.cts', ['--module', 'nodenext']],
    ['a bundler', 'bundled.ts', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ])('has types for %s', async (_, name, options) => {
    const file = await write(
      name,
      `import { createOutportClient, LimitsDocument, OutportError } from 'outport/client';
       const client = createOutportClient({ url: 'https://outport.example/graphql', token: async () => 't' });
       export async function use(): Promise<number | undefined> {
         const { limits } = await client.request(LimitsDocument, { account: '0', region: 'us-east-1' });
         // @ts-expect-error: an account is a string
         await client.request(LimitsDocument, { account: 0, region: 'us-east-1' });
         // @ts-expect-error: there is no such status
         client.exports({ status: 'GONE' });
         for await (const { status } of client.watchExport('exp_x')) if (status === 'COMPLETED') break;
         const error: unknown = new Error();
         if (error instanceof OutportError) throw new TypeError(error.code + error.remedy);
         return limits?.exports?.inUse;
       }`,
    );
    const lib = ['--lib', 'es2023,dom,dom.asynciterable'];
    const checked = await run(process.execPath, [TSC, ...OPTIONS, ...lib, ...options, file], {
      cwd: folder.path,
    }).catch(({ stdout }: { stdout: string }) => ({ stdout }));

    expect(checked.stdout).toBe('');
  });

  test('runs in a browser: nothing of Node.js is in its bundle', async () => {
    const input = await write('page.mjs', "export { createOutportClient } from 'outport/client';");
    const file = path.join(folder.path, 'page.js');
    const { output } = await build({ input, platform: 'browser', output: { file, format: 'esm', minify: true } });
    const code = await readFile(file, 'utf8');

    expect(output[0].imports).toEqual([]);
    expect(code).not.toMatch(/node:|\brequire\(|\bprocess\b|\bBuffer\b/);
    expect(code).not.toContain('auditChain');
  });
});
