import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  type IncrementalExportSpecification,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import ion from 'ion-js';
import { afterAll, describe, expect, it } from 'vitest';
import { ended, listKeys, readExport, startExport } from './support/exported.ts';
import { createTable, enableRecovery, startWithBucket } from './support/local-dynamodb.ts';

const MINUTE_MS = 60_000;

let nowMs = Date.parse('2026-11-01T10:00:00.250Z');
const { client, s3, close } = await startWithBucket('exports', { now: () => nowMs });
afterAll(close);

const key = (sk: number) => ({ pk: { S: 'a' }, sk: { N: String(sk) } });

const put = (TableName: string, sk: number, v: string) =>
  client.send(new PutItemCommand({ TableName, Item: { v: { S: v }, ...key(sk) } }));
const remove = (TableName: string, sk: number) => client.send(new DeleteItemCommand({ TableName, Key: key(sk) }));

/** A table whose items 1 to 4 were there before the window: then 2 changed, 3 went, 5 came, 6 came and went. */
async function changedTable(TableName: string) {
  const { arn, id } = await createTable(client, TableName);
  await enableRecovery(client, TableName);
  for (const sk of [1, 2, 3, 4]) await put(TableName, sk, 'before');
  nowMs += MINUTE_MS;
  const ExportFromTime = new Date(Math.floor(nowMs / 1000) * 1000);
  await put(TableName, 2, 'between');
  nowMs += MINUTE_MS;
  await put(TableName, 2, 'after');
  await put(TableName, 5, 'after');
  await put(TableName, 6, 'after');
  await remove(TableName, 6);
  await remove(TableName, 3);
  const writtenMs = nowMs;
  nowMs += 20 * MINUTE_MS;
  return { arn, id, ExportFromTime, writtenMs };
}

async function exportChanges(
  TableArn: string,
  IncrementalExportSpecification: IncrementalExportSpecification,
  more: { S3Prefix?: string; ExportFormat?: 'ION' } = {},
) {
  const ExportType = 'INCREMENTAL_EXPORT' as const;
  const { ExportArn } = await startExport(client, {
    TableArn,
    S3Bucket: 'exports',
    ExportType,
    IncrementalExportSpecification,
    ...more,
  });
  const description = await ended(client, ExportArn);
  expect(description.ExportStatus).toBe('COMPLETED');
  return { description, ...(await readExport(s3, 'exports', description.ExportManifest ?? '')) };
}

describe('an incremental export', () => {
  it('writes one record for each item that changed, with both images, in the layout of DynamoDB', async () => {
    const { arn, id, ExportFromTime, writtenMs } = await changedTable('Both');
    const { description, lines, summary, summaryText, files } = await exportChanges(
      arn,
      { ExportFromTime },
      { S3Prefix: 'both' },
    );
    const toMs = Math.floor(nowMs / 1000) * 1000;
    const exportId = description.ExportArn?.split('/').at(-1) ?? '';
    expect(exportId).toMatch(new RegExp(`^0${toMs}-[0-9a-f]{8}$`));
    expect(toMs % 1000).toBe(0);
    expect(description).toMatchObject({
      ExportType: 'INCREMENTAL_EXPORT',
      StartTime: new Date(toMs),
      IncrementalExportSpecification: {
        ExportFromTime,
        ExportToTime: new Date(toMs),
        ExportViewType: 'NEW_AND_OLD_IMAGES',
      },
      BilledSizeBytes: 10_000_000,
      ItemCount: 3,
    });
    expect(description).not.toHaveProperty('ExportTime');

    const image = (sk: number, v: string) => ({ pk: { S: 'a' }, sk: { N: String(sk) }, v: { S: v } });
    const records = lines.map((line) => JSON.parse(line)).sort((a, b) => a.Keys.sk.N - b.Keys.sk.N);
    const timestamp = { WriteTimestampMicros: { N: expect.stringMatching(new RegExp(`^${writtenMs}\\d{3}$`)) } };
    expect(records).toEqual([
      { Metadata: timestamp, Keys: key(2), OldImage: image(2, 'before'), NewImage: image(2, 'after') },
      { Metadata: timestamp, Keys: key(3), OldImage: image(3, 'before') },
      { Metadata: timestamp, Keys: key(5), NewImage: image(5, 'after') },
    ]);
    expect(Object.keys(records[0])).toEqual(['Metadata', 'Keys', 'OldImage', 'NewImage']);

    expect(summaryText).toBe(
      JSON.stringify({
        version: '2023-08-01',
        exportArn: description.ExportArn,
        startTime: new Date(toMs).toISOString(),
        endTime: summary.endTime,
        tableArn: arn,
        tableId: id,
        exportFromTime: ExportFromTime.toISOString(),
        exportToTime: new Date(toMs).toISOString(),
        s3Bucket: 'exports',
        s3Prefix: 'both',
        s3SseAlgorithm: 'AES256',
        s3SseKmsKeyId: null,
        manifestFilesS3Key: `both/AWSDynamoDB/${exportId}/manifest-files.json`,
        billedSizeBytes: 10_000_000,
        itemCount: 3,
        outputFormat: 'DYNAMODB_JSON',
        outputView: 'NEW_AND_OLD_IMAGES',
        exportType: 'INCREMENTAL_EXPORT',
      }),
    );
    const keys = (await listKeys(s3, 'exports')).filter((objectKey) => objectKey.startsWith('both/'));
    expect(keys).toEqual(
      [
        ...[
          '_started',
          'manifest-files.json',
          'manifest-files.md5',
          'manifest-summary.json',
          'manifest-summary.md5',
        ].map((name) => `both/AWSDynamoDB/${exportId}/${name}`),
        ...files.map(({ dataFileS3Key }) => dataFileS3Key),
      ].sort(),
    );
    for (const { dataFileS3Key } of files) {
      expect(dataFileS3Key).toMatch(/^both\/AWSDynamoDB\/data\/[a-z2-7]{26}\.json\.gz$/);
    }
  });

  it('leaves old images out of the view of new ones', async () => {
    const { arn, ExportFromTime } = await changedTable('New');
    const { lines, summary } = await exportChanges(arn, { ExportFromTime, ExportViewType: 'NEW_IMAGE' });
    const members = lines.map((line) => Object.keys(JSON.parse(line)).join()).sort();
    expect(members).toEqual(['Metadata,Keys', 'Metadata,Keys,NewImage', 'Metadata,Keys,NewImage']);
    expect(summary.outputView).toBe('NEW_IMAGE');
  });

  it('is written as Ion', async () => {
    const { arn, ExportFromTime } = await changedTable('IonChanges');
    const { files, lines, summary } = await exportChanges(arn, { ExportFromTime }, { ExportFormat: 'ION' });
    expect(summary).toMatchObject({ outputFormat: 'ION', itemCount: 3 });
    expect(files.every(({ dataFileS3Key }) => dataFileS3Key.endsWith('.ion.gz'))).toBe(true);
    const kinds = lines.map((line) => {
      const record = ion.load(line)?.get('Record');
      return `${record?.get('Keys', 'sk')?.numberValue()} ${record?.get('OldImage', 'v') ?? '-'} ${record?.get('NewImage', 'v') ?? '-'}`;
    });
    expect(kinds.sort()).toEqual(['2 before after', '3 before -', '5 - after']);
  });

  it('takes the first microsecond of its window, and not that of the next one', async () => {
    const TableName = 'Edges';
    const { arn } = await createTable(client, TableName);
    await enableRecovery(client, TableName);
    nowMs = Math.ceil(nowMs / 1000) * 1000 + MINUTE_MS;
    const ExportFromTime = new Date(nowMs);
    await put(TableName, 1, 'first');
    nowMs += 15 * MINUTE_MS;
    const ExportToTime = new Date(nowMs);
    await put(TableName, 2, 'next');
    nowMs += 15 * MINUTE_MS;
    const windows = [
      await exportChanges(arn, { ExportFromTime, ExportToTime }),
      await exportChanges(arn, { ExportFromTime: ExportToTime, ExportToTime: new Date(nowMs) }),
    ];
    expect(windows.map(({ lines }) => lines.map((line) => JSON.parse(line).Keys.sk.N))).toEqual([['1'], ['2']]);
  });

  it('continues where a full export ended, window after window', async () => {
    const TableName = 'Chain';
    const { arn } = await createTable(client, TableName);
    await enableRecovery(client, TableName);
    const batch = (from: number) =>
      client.send(
        new BatchWriteItemCommand({
          RequestItems: {
            [TableName]: Array.from({ length: 20 }, (_, n) => ({
              PutRequest: { Item: { ...key(from + n), v: { N: String(nowMs) } } },
            })),
          },
        }),
      );
    await batch(0);
    nowMs = Math.ceil(nowMs / 1000) * 1000 + 1000;
    let from = new Date(nowMs);
    const { ExportArn } = await startExport(client, {
      TableArn: arn,
      S3Bucket: 'exports',
      ExportTime: new Date(nowMs - 1),
    });
    const { ExportManifest = '' } = await ended(client, ExportArn);
    const { items } = await readExport(s3, 'exports', ExportManifest);
    const rebuilt = new Map(items.map((item) => [item.sk?.N ?? '', item]));
    for (const first of [10, 25]) {
      await batch(first);
      await remove(TableName, first + 3);
      nowMs += 15 * MINUTE_MS;
      const { lines, description } = await exportChanges(arn, { ExportFromTime: from });
      for (const { Keys, NewImage } of lines.map((line) => JSON.parse(line))) {
        if (NewImage) rebuilt.set(Keys.sk.N, NewImage);
        else rebuilt.delete(Keys.sk.N);
      }
      from = description.IncrementalExportSpecification?.ExportToTime ?? from;
    }
    const { Items = [] } = await client.send(new ScanCommand({ TableName }));
    expect(rebuilt).toEqual(new Map(Items.map((item) => [item.sk?.N ?? '', item])));
  });

  it('is refused for a time before recovery was enabled', async () => {
    const { arn } = await createTable(client, 'Young');
    const ExportFromTime = new Date(nowMs + 1000);
    nowMs += 30 * MINUTE_MS;
    await enableRecovery(client, 'Young');
    await expect(exportChanges(arn, { ExportFromTime })).rejects.toMatchObject({
      name: 'InvalidExportTimeException',
      message: 'Export Time is invalid',
    });
  });
});
