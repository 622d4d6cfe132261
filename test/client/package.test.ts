import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const run = promisify(execFile);
const folder = temporaryDirectory();
const TSC = path.resolve('node_modules/typescript/bin/tsc');
/** What the types of the client are made of; it has no code. */
const TYPES = '@graphql-typed-document-node/core';
const OPTIONS = ['--strict', '--noEmit', '--target', 'es2022'];

let outport: OutportProcess;

/** A project that depends on what is published of the client, and on nothing else. */
beforeAll(async () => {
  outport = await startOutport();
  const installed = path.join(folder.path, 'node_modules/outport');
  await mkdir(path.join(installed, 'build'), { recursive: true });
  await mkdir(path.join(folder.path, 'node_modules', path.dirname(TYPES)), { recursive: true });
  await cp('package.json', path.join(installed, 'package.json'));
  await cp('build/client', path.join(installed, 'build/client'), { recursive: true });
  await symlink(path.resolve('node_modules', TYPES), path.join(folder.path, 'node_modules', TYPES));
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
