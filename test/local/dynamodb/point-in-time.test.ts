import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { ended, readExport, startExport } from './support/exported.ts';
import { createTable, enableRecovery, startWithBucket } from './support/local-dynamodb.ts';
import { until } from './support/until.ts';

let nowMs = Date.parse('2026-11-01T10:00:00Z');
const { plane, client, s3, close } = await startWithBucket('exports', { now: () => nowMs });
afterAll(close);

const keyOf = (n: number) => ({ pk: { S: `p${n % 5}` }, sk: { N: String(n) } });

type Write =
  | { readonly kind: 'put' | 'delete' | 'add'; readonly item: number }
  | { readonly kind: 'batch' | 'transaction'; readonly items: readonly number[] };

const item = fc.nat({ max: 30 });
const items = fc.uniqueArray(item, { minLength: 1, maxLength: 6 });
const writes: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constantFrom('put' as const, 'delete' as const, 'add' as const), item }),
  fc.record({ kind: fc.constantFrom('batch' as const, 'transaction' as const), items }),
);

/** Applies a write to the table and, when it is acknowledged, to the model: from key number to value. */
async function apply(TableName: string, write: Write, value: number, model: Map<number, number>): Promise<void> {
  const Item = (n: number) => ({ ...keyOf(n), value: { N: String(value) } });
  switch (write.kind) {
    case 'put':
      await client.send(new PutItemCommand({ TableName, Item: Item(write.item) }));
      model.set(write.item, value);
      return;
    case 'delete':
      await client.send(new DeleteItemCommand({ TableName, Key: keyOf(write.item) }));
      model.delete(write.item);
      return;
    case 'add':
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: keyOf(write.item),
          UpdateExpression: 'ADD #value :one',
          ExpressionAttributeNames: { '#value': 'value' },
          ExpressionAttributeValues: { ':one': { N: '1' } },
        }),
      );
      model.set(write.item, (model.get(write.item) ?? 0) + 1);
      return;
    case 'batch': {
      const requests = write.items.map((n) => ({ PutRequest: { Item: Item(n) } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
      for (const n of write.items) model.set(n, value);
      return;
    }
    case 'transaction':
      await client.send(
        new TransactWriteItemsCommand({
          TransactItems: write.items.map((n) => ({ Put: { TableName, Item: Item(n) } })),
        }),
      );
      for (const n of write.items) model.set(n, value);
      return;
    default:
      write satisfies never;
  }
}

async function exportAt(TableArn: string, ExportTime: Date | undefined): Promise<Map<number, number>> {
  const { ExportArn } = await startExport(client, { TableArn, S3Bucket: 'exports', ExportTime });
  const { ExportManifest = '', ExportStatus } = await ended(client, ExportArn);
  expect(ExportStatus).toBe('COMPLETED');
  const { items: exported, summary } = await readExport(s3, 'exports', ExportManifest);
  expect(exported).toHaveLength(summary.itemCount);
  return new Map(exported.map(({ sk, value }) => [Number(sk?.N), Number(value?.N)]));
}

it('exports the table as it was at any time since recovery was enabled', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(writes, { maxLength: 15 }),
      fc.array(fc.record({ write: writes, pauseMs: fc.nat({ max: 2 }) }), { minLength: 1, maxLength: 30 }),
      async (before, after) => {
        const TableName = `Model${++run}`;
        const { arn } = await createTable(client, TableName);
        const model = new Map<number, number>();
        let value = 0;
        for (const write of before) await apply(TableName, write, ++value, model);
        await enableRecovery(client, TableName);
        // The state after the last write of each millisecond, which is what an export of that millisecond shows.
        nowMs += 1;
        const states = new Map([[nowMs, new Map(model)]]);
        for (const { write, pauseMs } of after) {
          nowMs += pauseMs;
          await apply(TableName, write, ++value, model);
          states.set(nowMs, new Map(model));
        }
        nowMs += 1;
        const times = [...states.keys()];
        const chosen = new Set([times[0], times[Math.floor(times.length / 2)], times.at(-1)]);
        for (const timeMs of chosen) {
          if (timeMs === undefined) continue;
          expect(await exportAt(arn, new Date(timeMs))).toEqual(states.get(timeMs));
        }
        expect(await exportAt(arn, undefined)).toEqual(model);
        nowMs += 1000;
      },
    ),
    { numRuns: 12 },
  );
});

it('lets go of changes once the backups hold them', async () => {
  const { arn, id } = await createTable(client, 'Trimmed');
  await enableRecovery(client, 'Trimmed');
  const model = new Map<number, number>();
  await apply('Trimmed', { kind: 'batch', items: [1, 2, 3] }, 1, model);
  await until(async () => {
    const rows = await plane.database.keys().all();
    return !rows.some((row) => row.includes(`${id}/change/`));
  });
  await apply('Trimmed', { kind: 'put', item: 2 }, 2, model);
  expect(await exportAt(arn, undefined)).toEqual(model);
});

it('takes its base while writes go on, and loses or doubles none of them', async () => {
  const TableName = 'Busy';
  const { arn } = await createTable(client, TableName);
  const model = new Map<number, number>();
  for (let n = 0; n < 300; n += 25) {
    await apply(TableName, { kind: 'batch', items: Array.from({ length: 25 }, (_, i) => n + i) }, 1, model);
  }
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    for (let round = 0; round < 40; round += 1) {
      await apply(TableName, { kind: 'add', item: writer * 50 + (round % 50) }, 0, model);
      if (round % 3 === 0) await apply(TableName, { kind: 'put', item: 1000 + writer * 100 + round }, round, model);
    }
  });
  await enableRecovery(client, TableName);
  await Promise.all(writers);
  expect(await exportAt(arn, undefined)).toEqual(model);
});
