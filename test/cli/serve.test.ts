import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutportProcess, runOutport, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const directory = temporaryDirectory();
let outport: OutportProcess;

const dynamodb = () =>
  new DynamoDBClient({
    region: 'us-east-1',
    endpoint: outport.awsEndpoint,
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'outport' },
  });

const exportsOf = (token: string, { graphqlUrl } = outport) =>
  fetch(graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{"query":"{ exports(first: 10) { nodes { id } } }"}',
  });

beforeAll(async () => {
  outport = await startOutport();
});

afterAll(() => outport.stop());

describe('outport serve', () => {
  test('prints addresses that work with the token it prints', async () => {
    const reply = await exportsOf(outport.token);

    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({ data: { exports: { nodes: [] } } });
  });

  test('takes tokens of its issuer and no others', async () => {
    expect((await exportsOf(await outport.mint({ subject: 'ana' }))).status).toBe(200);
    expect((await exportsOf(await outport.mint({ subject: 'ana', expiresInSeconds: -60 }))).status).toBe(401);
    expect((await exportsOf('forged')).status).toBe(401);
  });

  test('refuses a second start on the same folder', async () => {
    const second = await runOutport('serve', '--data', outport.directory, '--port', '0', '--aws-port', '0');

    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain(`Another Outport is running on the data folder ${outport.directory}.`);
    expect(second.stderr).not.toContain(' at ');
  });

  test.each(['--port', '--aws-port'])('names the option when the port of %s is taken', async (option) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = String(typeof address === 'object' ? address?.port : address);
    const ports = option === '--port' ? ['--aws-port', '0'] : ['--port', '0'];
    const refused = await runOutport('serve', '--data', path.join(directory.path, 'ports'), ...ports, option, port);
    taken.close();

    expect(refused).toMatchObject({
      code: 1,
      stderr: `outport: port ${port} is taken. Choose another with ${option}, or 0 for any that is free.\n`,
    });
  });

  test('says when the folder cannot be one', async () => {
    const file = path.join(directory.path, 'file');
    await writeFile(file, '');
    const refused = await runOutport('serve', '--data', file, '--port', '0', '--aws-port', '0');

    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^outport: the folder .* cannot be used: /);
  });

  test('keeps tables, tokens and exports over a restart', async () => {
    const before = dynamodb();
    await before.send(
      new CreateTableCommand({
        TableName: 'kept',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    await before.send(new PutItemCommand({ TableName: 'kept', Item: { id: { S: '1' } } }));
    before.destroy();
    const { token } = outport;
    await outport.restart();
    const after = dynamodb();
    const { Item } = await after.send(new GetItemCommand({ TableName: 'kept', Key: { id: { S: '1' } } }));
    after.destroy();

    expect(Item).toEqual({ id: { S: '1' } });
    expect((await exportsOf(token)).status).toBe(200);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('ends with 0 after %s, with connections open', async (signal) => {
    const held = await startOutport();
    await fetch(held.graphqlUrl);

    expect(await held.kill(signal)).toBe(0);
    await held.stop();
  });

  test('starts again after a kill', async () => {
    expect(await outport.kill('SIGKILL')).toBe('SIGKILL');
    await outport.restart();

    expect((await exportsOf(outport.token)).status).toBe(200);
  });

  test('with --verify-signatures takes calls that are signed with the secret, its own functions among them', async () => {
    const strict = await startOutport({ verifySignatures: true });
    const forged = new DynamoDBClient({
      region: 'us-east-1',
      endpoint: strict.awsEndpoint,
      credentials: { accessKeyId: '999999999999', secretAccessKey: 'guessed' },
    });
    const reply = await exportsOf(strict.token, strict);
    const listing = forged.send(new ListTablesCommand({}));

    await expect(listing).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    expect(reply.status).toBe(200);
    forged.destroy();
    await strict.stop();
  });

  test('prints for people what to call and what to try', async () => {
    const args = ['serve', '--data', path.join(directory.path, 'people'), '--port', '0', '--aws-port', '0'];
    const child = spawn(process.execPath, ['build/cli/outport.mjs', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const printed = await untilPrinted(child, 'Ctrl-C stops it.');
    const token = /OUTPORT_TOKEN=(\S+)/.exec(printed)?.[1] ?? '';
    const consoleUrl = /^ {2}(http:\S+)#token=(\S+)$/m.exec(printed);
    const curl = /curl -s (\S+) .*\\\n\s+-d '(.*)'/.exec(printed);
    const reply = await fetch(curl?.[1] ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: curl?.[2] ?? '',
    });
    const page = await (await fetch(consoleUrl?.[1] ?? '')).text();
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');

    expect(reply.status).toBe(200);
    expect(page).toContain('<title>Outport</title>');
    expect(consoleUrl?.[2]).toBe(token);
    expect(code).toBe(0);
  });
});

describe('outport', () => {
  test('says which parameters there are when one is set that is none', async () => {
    const { code, stderr } = await runOutport('serve', '--param', 'maxExport=1');
    expect(code).toBe(1);
    expect(stderr).toMatch(/has no parameter "maxExport", only issuers, .*maxExports/);
  });

  test('explains itself', async () => {
    expect(await runOutport('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: outport') });
    expect(await runOutport('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  test('answers a command line that makes no sense with the usage', async () => {
    const refused = await runOutport('serve', '--prot', '1');

    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toBe(
      `outport: unknown option '--prot'\n(Did you mean --port?)\nSee "outport serve --help".\n`,
    );
  });
});

async function untilPrinted({ stdout }: ChildProcess, end: string): Promise<string> {
  let printed = '';
  for await (const chunk of stdout ?? []) {
    printed += chunk;
    if (printed.includes(end)) break;
  }
  return printed;
}
