import type { BucketStore } from './bucket-store.ts';
import type { MultipartUploads } from './multipart-uploads.ts';
import type { ObjectFiles } from './object-files.ts';
import type { Records } from './records.ts';
import type { StoredObjects } from './stored-objects.ts';

/** What the operations work on. */
export interface S3 {
  readonly records: Records;
  readonly files: ObjectFiles;
  readonly buckets: BucketStore;
  readonly objects: StoredObjects;
  readonly uploads: MultipartUploads;
  readonly now: () => number;
}
