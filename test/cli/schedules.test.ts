import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOrders, LAKE } from '../support/orders.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type Command, commandWith } from './support/command.ts';

const folder = temporaryDirectory();
let outport: OutportProcess;
let command: Command;
let tableArn: string;

beforeAll(async () => {
  outport = await startOutport();
  command = commandWith(folder.path, { OUTPORT_URL: outport.graphqlUrl, OUTPORT_TOKEN: outport.token });
  ({ tableArn } = await createOrders(outport));
});
afterAll(() => outport.stop());

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly windowMinutes: number;
  readonly fullEveryDays: number | null;
  readonly chain: { readonly nodes: ReadonlyArray<{ readonly status: string }> };
}

/** Two cores that other tests are busy on take their time. */
const PATIENCE_MS = 120_000;

const create = ['schedules', 'create'];

test('a schedule is created once, listed, shown with its chain, paused, resumed and deleted', {
  timeout: 180_000,
}, async () => {
  const asked = [...create, tableArn, '--bucket', LAKE, '--prefix', 'kept', '--every', '90m', '--full-every', '30d'];
  const first = await command.json<Shown>(...asked, '--client-token', 'kept-1');
  const again = await command.json<Shown>(...asked, '--client-token', 'kept-1');
  expect(first).toMatchObject({ status: 'ACTIVE', windowMinutes: 90, fullEveryDays: 30 });
  expect(again.id).toBe(first.id);

  const list = await command.run('schedules', 'list', '--table', tableArn);
  expect(list.stdout).toMatch(new RegExp(`${first.id} +ACTIVE +orders +90m .* s3://${LAKE}/kept/`));
  const links = async () => (await command.json<Shown>('schedules', 'show', first.id)).chain.nodes;
  await expect.poll(async () => (await links()).length, { timeout: PATIENCE_MS }).toBe(1);
  const { code, stdout } = await command.run('schedules', 'show', first.id);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Contiguous +yes/);
  expect(stdout).toMatch(/^ +1 +(IN_PROGRESS|COMPLETED) +full export /m);

  expect(await command.json<Shown>('schedules', 'pause', first.id)).toMatchObject({ status: 'PAUSED' });
  expect(await command.json<Shown>('schedules', 'resume', first.id)).toMatchObject({ status: 'ACTIVE' });
  expect(await command.json<Shown>('schedules', 'delete', first.id)).toMatchObject({ status: 'DELETED' });
  expect(await command.json<Shown[]>('schedules', 'list')).toEqual([]);
});

test('what is wrong is told, with an exit code that says how', async () => {
  const mallory = await outport.mint({ subject: 'mallory', teams: [] });
  const request = [...create, tableArn, '--bucket', LAKE];

  expect(await command.run(...request, '--token', mallory)).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('not permitted'),
  });
  expect(await command.run(...request, '--every', '10m')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('whole minutes from 15m to 24h'),
  });
  expect(await command.run(...request, '--full-every', '12h')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('whole days from 1d to 365d'),
  });
  expect(await command.run('schedules', 'show', 'sch_none')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no schedule "sch_none" that you may see.'),
  });
});
