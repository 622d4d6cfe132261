import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { startTestIssuer } from '../support/test-issuer.ts';
import { commandWith } from './support/command.ts';

const folder = temporaryDirectory();
let issuer: Awaited<ReturnType<typeof startTestIssuer>>;
let outport: OutportProcess;

beforeAll(async () => {
  issuer = await startTestIssuer();
  outport = await startOutport({ params: { issuers: JSON.stringify([{ issuer: issuer.url, audience: 'outport' }]) } });
});
afterAll(async () => {
  await outport.stop();
  await issuer.close();
});

const somebody = (variables: NodeJS.ProcessEnv = {}) => commandWith(folder.path, variables);
const credentialsOf = (home: string) => path.join(home, 'outport', 'credentials.json');
const toSignIn = () => ['login', '--url', outport.graphqlUrl, '--issuer', issuer.url, '--client-id', 'outport-cli'];

test('signs in with a device, keeps the token to itself and renews it', async () => {
  const command = somebody();
  const { device } = issuer;
  // Ends soon: it is renewed before it is used.
  device.tokenFor = () => issuer.token('ana', ['platform'], { name: 'Ana' });
  device.expiresInSeconds = 30;
  const child = command.start(...toSignIn(), '--audience', 'outport');
  const told = text(child.stdout);
  let asked = '';
  child.stderr.on('data', (chunk) => {
    asked += chunk;
  });
  await vi.waitFor(() => expect(asked).toContain('Open http://'), 20_000);
  expect(asked).toContain('allow it if it shows this code: WDJB-MJHT');
  device.allow();
  const [code] = await once(child, 'close');

  expect(code).toBe(0);
  expect(await told).toContain(`You are signed in to ${outport.graphqlUrl} as Ana, of the team platform.`);
  expect(device.asked).toMatchObject([{ client_id: 'outport-cli', audience: 'outport' }]);
  const file = credentialsOf(command.home);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);

  const before = JSON.parse(await readFile(file, 'utf8'));
  expect(await command.run('exports', 'list')).toMatchObject({ code: 0 });
  const after = JSON.parse(await readFile(file, 'utf8'));
  expect(after.renewal.refreshToken).not.toBe(before.renewal.refreshToken);
});

test('says when it was not allowed, or the issuer cannot do it', async () => {
  issuer.device.deny();
  expect(await somebody().run(...toSignIn())).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${issuer.url} did not sign you in: They said no.`),
  });
  const elsewhere = ['login', '--url', outport.graphqlUrl, '--issuer', 'http://127.0.0.1:1', '--client-id', 'c'];
  expect(await somebody().run(...elsewhere)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('http://127.0.0.1:1 did not sign you in'),
  });
  expect((await somebody().run('login')).code).toBe(2);
});

test('signs in with a token from standard input, which variables and options go before', async () => {
  const command = somebody();
  const token = await issuer.token('ben', ['platform']);
  const signedIn = await command.feed(`${token}\n`, 'login', '--url', outport.graphqlUrl, '--token', '-');

  expect(signedIn).toMatchObject({ code: 0, stdout: expect.stringContaining('as ben, of the team platform') });
  expect(await command.run('exports', 'list')).toMatchObject({ code: 0 });
  expect((await command.run('exports', 'list', '--token', 'forged')).code).toBe(1);
  expect((await somebody({ ...command.env, OUTPORT_TOKEN: 'forged' }).run('exports', 'list')).code).toBe(1);
});

test('keeps no token that is not taken, and forgets the one it has', async () => {
  const command = somebody();
  expect(await command.run('login', '--url', outport.graphqlUrl, '--token', 'forged')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('sign in again'),
  });
  await expect(stat(credentialsOf(command.home))).rejects.toThrow('ENOENT');

  const token = await issuer.token('ben', ['platform']);
  await command.run('login', '--url', outport.graphqlUrl, '--token', token);
  expect((await command.run('logout')).code).toBe(0);
  expect(await command.run('exports', 'list', '--url', outport.graphqlUrl)).toMatchObject({
    code: 1,
    stderr: `outport: You are not signed in to ${outport.graphqlUrl}.\nRun "outport login", or send a token with --token or the variable OUTPORT_TOKEN.\n`,
  });
});
