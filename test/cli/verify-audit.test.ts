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

test('ends with 2, and says why, when the audit cannot be read', async () => {
  const stranger = await outport.mint({ subject: 'eve', teams: ['marketing'] });
  expect(await verify('--token', stranger)).toEqual({
    code: 2,
    stdout: '',
    stderr: 'outport: the token does not permit reading the audit as a whole\n',
  });
  expect(await verify('--token', 'junk')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^outport: .*token/),
  });
});
