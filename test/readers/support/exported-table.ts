import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { ended, getBytes, readExport, startExport } from '../../local/dynamodb/support/exported.ts';
import { createTable, dynamoDbClient, enableRecovery, s3Client } from '../../local/dynamodb/support/local-dynamodb.ts';
import { startDataPlane } from '../../support/data-plane.ts';
import { changedItem, deletedKeys, type Item, itemsOfEveryType, keyText } from './items-of-every-type.ts';

const BATCH_ITEMS = 25; // BatchWriteItem's limit

export interface ExportedTable {
  /** What the table had at the time of the export, by key. */
  readonly items: ReadonlyMap<string, Item>;
  /** The data files as they were downloaded, and those of a table without items. */
  readonly files: readonly string[];
  readonly summary: string;
  close(): Promise<void>;
}

/**
 * A table that was written, changed and exported through the SDK. Recovery is enabled between writing and changing it,
 * so that the data files have pieces that were copied from a base and such that were made for the export.
 */
export async function exportTable(): Promise<ExportedTable> {
  const plane = await startDataPlane();
  const folder = await mkdtemp(path.join(tmpdir(), 'readers-'));
  const [dynamodb, s3] = [dynamoDbClient(plane.endpoint), s3Client(plane.endpoint)];
  const close = async () => {
    dynamodb.destroy();
    s3.destroy();
    await plane.close();
    await rm(folder, { recursive: true });
  };
  try {
    await s3.send(new CreateBucketCommand({ Bucket: 'exports' }));
    const { arn } = await createTable(dynamodb, 'Everything');
    const items = new Map(itemsOfEveryType().map((item) => [keyText(item), item]));
    await putAll(dynamodb, [...items.values()]);
    await enableRecovery(dynamodb, 'Everything');
    for (const Key of deletedKeys()) {
      await dynamodb.send(new DeleteItemCommand({ TableName: 'Everything', Key }));
      items.delete(keyText(Key));
    }
    const Item = changedItem();
    await dynamodb.send(new PutItemCommand({ TableName: 'Everything', Item }));
    items.set(keyText(Item), Item);

    const { arn: emptyArn } = await createTable(dynamodb, 'Nothing');
    await enableRecovery(dynamodb, 'Nothing');
    const full = await exportOf(dynamodb, s3, arn, folder);
    const empty = await exportOf(dynamodb, s3, emptyArn, folder);
    return { items, files: [...full.files, ...empty.files], summary: full.summary, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** Exports a table and downloads its data files. */
async function exportOf(dynamodb: DynamoDBClient, s3: S3Client, TableArn: string, folder: string) {
  const { ExportArn } = await startExport(dynamodb, { TableArn, S3Bucket: 'exports' });
  const { ExportManifest = '' } = await ended(dynamodb, ExportArn);
  const { files, summaryText } = await readExport(s3, 'exports', ExportManifest);
  const paths: string[] = [];
  for (const { dataFileS3Key } of files) {
    const file = path.join(folder, path.basename(dataFileS3Key));
    await writeFile(file, await getBytes(s3, 'exports', dataFileS3Key));
    paths.push(file);
  }
  return { files: paths, summary: summaryText };
}

async function putAll(dynamodb: DynamoDBClient, items: readonly Item[]): Promise<void> {
  for (let at = 0; at < items.length; at += BATCH_ITEMS) {
    const requests = items.slice(at, at + BATCH_ITEMS).map((Item) => ({ PutRequest: { Item } }));
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { Everything: requests } }));
  }
}
