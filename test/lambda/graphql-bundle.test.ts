import { execFile } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpApiEvent, startControlPlane, type TestControlPlane } from '../support/control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

/** Runs a bundled function in a Node.js of its own, as Lambda does: only the bundle, its environment and an event. */
async function invoke(bundle: string, event: unknown, env: NodeJS.ProcessEnv) {
  const program = `
    try {
      const { handler } = await import(process.argv[1]);
      const context = { awsRequestId: 'test', getRemainingTimeInMillis: () => 10_000 };
      process.stdout.write(JSON.stringify((await handler(JSON.parse(process.argv[2]), context)) ?? null));
      process.exit(0);
    } catch (error) {
      // Left to Node.js, it would print the line it comes from: a megabyte of bundle.
      console.error(error.message);
      process.exit(1);
    }`;
  const file = pathToFileURL(path.resolve('build', bundle, 'index.mjs')).href;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', program, file, JSON.stringify(event)],
    { env: { PATH: process.env.PATH, ...env } },
  );
  // What it logs comes before.
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1));
}

test('the bundle brings its policies, decides with them, and keeps the names of the schema', async () => {
  const tableArn = await plane.createTable('cities');
  await plane.createBucket('exports');
  const query = `mutation ($input: ExportTableInput!) { exportTable(input: $input) { __typename export { __typename status } userErrors { code } } }`;
  const ask = async (team: string) => {
    const token = await plane.issuer.token('ann', [team]);
    const variables = { input: { clientToken: team, tableArn, destination: { bucket: 'exports' } } };
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const result = await invoke(
      'graphql',
      httpApiEvent('POST', JSON.stringify({ query, variables }), headers),
      plane.settings,
    );
    return JSON.parse(result.body).data.exportTable;
  };
  expect(await ask('platform')).toMatchObject({
    __typename: 'ExportTablePayload',
    export: { __typename: 'Export', status: 'IN_PROGRESS' },
    userErrors: [],
  });
  expect(await ask('marketing')).toMatchObject({ export: null, userErrors: [{ code: 'PERMISSION_DENIED' }] });

  const event = { source: 'aws.events', 'detail-type': 'Scheduled Event' };
  expect(await invoke('reconcile', event, { ...plane.settings, OUTPORT_EVENT_BUS: 'outport' })).toBeNull();
  const { body } = await plane.query(
    await plane.issuer.token('ann', ['platform']),
    '{ exports(first: 10) { nodes { status verification { status } } } }',
  );
  expect(body.data.exports.nodes).toEqual([{ status: 'COMPLETED', verification: { status: 'VERIFIED' } }]);
});

test.each(['OUTPORT_ISSUERS', 'OUTPORT_TABLE'])('a function without %s does not start', async (variable) => {
  const start = invoke('graphql', {}, { ...plane.settings, [variable]: '' });
  await expect(start).rejects.toThrow(`${variable} must be set`);
});
