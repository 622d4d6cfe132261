import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AwsService } from '../aws/service.ts';
import { BucketStore } from './bucket-store.ts';
import { createExportObjects } from './export-objects.ts';
import { createImportObjects } from './import-objects.ts';
import { MultipartUploads } from './multipart-uploads.ts';
import { ObjectFiles } from './object-files.ts';
import type { ExportObjects, ImportObjects } from './object-store.ts';
import { type Database, openRecords } from './records.ts';
import { createService } from './service.ts';
import { StoredObjects } from './stored-objects.ts';

export interface S3Options {
  /** The process's one embedded store; the index lives in its sublevel `s3`. */
  readonly database: Database;
  /** Where buckets live: `<directory>/<bucket>/…`. Nothing else may write there. */
  readonly directory: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface S3Service extends AwsService {
  /** What the embedded DynamoDB writes exports and reads imports through. */
  readonly objects: ExportObjects & ImportObjects;
  /** Waits for the writes under way. The database stays open: it is its owner's to close. */
  close(): Promise<void>;
}

/** Opens the S3 of one machine, and removes what a crash has left behind. */
export async function openS3({ database, directory, now = Date.now }: S3Options): Promise<S3Service> {
  const records = openRecords(database);
  await mkdir(directory, { recursive: true });
  const files = new ObjectFiles(path.resolve(directory), records);
  await files.sweep();
  const buckets = new BucketStore(records, files);
  const objects = new StoredObjects(records, files, buckets, now);
  const uploads = new MultipartUploads(records, files, buckets);
  const s3 = { records, files, buckets, objects, uploads, now };
  return {
    ...createService(s3),
    objects: { ...createExportObjects(s3), ...createImportObjects(s3) },
    async close() {
      await uploads.idle();
      await objects.idle();
      await buckets.idle();
    },
  };
}
