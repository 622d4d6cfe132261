import { type ExecutionResult, parse, subscribe } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportTopic } from '../../src/records/connections.ts';
import { type ExportRecord, readExport } from '../../src/records/export-records.ts';
import { captureTopics, withEvent } from '../../src/resolvers/capture-pub-sub.ts';
import type { Principal } from '../../src/services/principal.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';

let plane: TestControlPlane;
let record: ExportRecord;
beforeAll(async () => {
  plane = await startControlPlane();
  const tableArn = await plane.createTable('cities');
  await plane.createBucket('exports');
  const { body } = await plane.query(
    await plane.issuer.token('ann', ['platform']),
    'mutation ($input: ExportTableInput!) { exportTable(input: $input) { export { id } } }',
    { input: { clientToken: 't', tableArn, destination: { bucket: 'exports' } } },
  );
  const created = await readExport(plane.outport.table, body.data.exportTable.export.id);
  if (!created) throw new Error('no export');
  record = created;
});
afterAll(() => plane.close());

const document = parse('subscription ($id: ID!) { exportUpdated(id: $id) { id version status } }');

async function run(teams: string[], id = record.id): Promise<AsyncGenerator<ExecutionResult>> {
  const principal: Principal = { issuer: plane.issuer.url, subject: 'viewer', name: null, teams, expiresAtSeconds: 0 };
  const origin = { requestId: 'r', sourceIpAddress: '192.0.2.7', userAgent: null };
  const stream = await subscribe({
    schema: plane.controlPlane.schema,
    document,
    variableValues: { id },
    contextValue: plane.controlPlane.contextFor(principal, origin),
  });
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  return stream;
}

async function resultsOf(stream: AsyncGenerator<ExecutionResult>) {
  const results: ExecutionResult[] = [];
  for await (const result of stream) results.push(JSON.parse(JSON.stringify(result)));
  return results;
}

const NOT_FOUND = { errors: [{ message: 'There is no export with this id.', extensions: { code: 'NOT_FOUND' } }] };

test('names its topic when it begins, then tells the state as it is', async () => {
  const { topics, result } = await captureTopics(() => run(['platform']));
  expect(topics).toEqual([exportTopic(record.id)]);
  const { id, version, status } = record;
  expect(await resultsOf(result)).toEqual([{ data: { exportUpdated: { id, version, status } } }]);
});

test('tells an event of its topic, and none of another', async () => {
  const payload = { ...record, version: 99 };
  const told = await withEvent({ topic: exportTopic(record.id), payload }, () => run(['platform']));
  expect(await resultsOf(told)).toMatchObject([{ data: { exportUpdated: { version: 99 } } }]);
  const other = await withEvent({ topic: exportTopic('exp_other'), payload }, () => run(['platform']));
  expect(await resultsOf(other)).toEqual([]);
});

test('asks the policies again with every event: what may not be seen is not found, like what is not there', async () => {
  const event = { topic: exportTopic(record.id), payload: record };
  expect(await resultsOf(await withEvent(event, () => run(['marketing'])))).toMatchObject([NOT_FOUND]);
  for (const { result } of [
    await captureTopics(() => run(['marketing'])),
    await captureTopics(() => run(['platform'], 'exp_missing')),
  ]) {
    expect(await resultsOf(result)).toMatchObject([NOT_FOUND]);
  }
});
