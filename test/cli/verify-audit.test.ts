import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OutportProcess, runOutport, startOutport } from '../support/outport.ts';

let outport: OutportProcess;
beforeAll(async () => {
  outport = await startOutport();
});
afterAll(() => outport.stop());

const verify = (...options: string[]) => runOutport('audit', 'verify', '--url', outport.graphqlUrl, ...options);

test('ends with 0 when the audit is as it was written', async () => {
  expect(await verify('--token', outport.token)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+ records in 16 chains: every one as it was written\.\n$/),
    stderr: '',
  });
});

test('says why when the audit cannot be read', async () => {
  const stranger = await outport.mint({ subject: 'eve', teams: ['marketing'] });
  expect(await verify('--token', stranger)).toEqual({
    code: 5,
    stdout: '',
    stderr:
      'outport: The token does not permit reading the audit as a whole.\nAsk for a policy that permits ViewAudit on all of it.\n',
  });
  expect(await verify('--token', 'junk')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^outport: .*token/),
  });
});
