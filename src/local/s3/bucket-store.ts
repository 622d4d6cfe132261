import { noSuchBucket } from './errors.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { ObjectFiles } from './object-files.ts';
import { S3Error } from './object-store.ts';
import { type BucketRecord, keysOf, type Records } from './records.ts';

/** Buckets by their global names. */
export class BucketStore {
  readonly #records: Records;
  readonly #files: ObjectFiles;
  readonly #lock = new KeyedLock();
  readonly #deleting = new Set<string>();
  readonly #writers = new Map<string, number>();

  constructor(records: Records, files: ObjectFiles) {
    this.#records = records;
    this.#files = files;
  }

  find(name: string): Promise<BucketRecord | undefined> {
    return this.#records.buckets.get(name);
  }

  /** @throws S3Error `NoSuchBucket` */
  async get(name: string): Promise<BucketRecord> {
    const bucket = await this.find(name);
    if (!bucket) throw noSuchBucket(name);
    return bucket;
  }

  async ownedBy(accountId: string): Promise<BucketRecord[]> {
    const owned: BucketRecord[] = [];
    for await (const bucket of this.#records.buckets.values()) {
      if (bucket.ownerAccountId === accountId) owned.push(bucket);
    }
    return owned;
  }

  /** @returns the bucket that already has the name, or undefined when it was free and now is taken */
  create(bucket: BucketRecord): Promise<BucketRecord | undefined> {
    return this.#lock.run(bucket.name, async () => {
      const existing = await this.find(bucket.name);
      if (!existing) await this.#put(bucket);
      return existing;
    });
  }

  /** Changes what is recorded of a bucket. @throws S3Error `NoSuchBucket` */
  update(name: string, change: (bucket: BucketRecord) => BucketRecord): Promise<void> {
    return this.#lock.run(name, async () => this.#put(change(await this.get(name))));
  }

  /** Removes an empty bucket with its folder and unfinished uploads. @throws S3Error `BucketNotEmpty`, `NoSuchBucket` */
  delete(name: string): Promise<void> {
    return this.#lock.run(name, async () => {
      if (this.#writers.has(name)) throw bucketNotEmpty(name);
      this.#deleting.add(name);
      try {
        await this.get(name);
        for await (const _object of this.#records.objects.keys({ ...keysOf(name), limit: 1 })) {
          throw bucketNotEmpty(name);
        }
        await this.#deleteUploads(name);
        await this.#records.database.batch<string, unknown>(
          [{ type: 'del', sublevel: this.#records.buckets, key: name }],
          { sync: true },
        );
        await this.#files.removeBucket(name);
      } finally {
        this.#deleting.delete(name);
      }
    });
  }

  /**
   * Runs a write into a bucket that cannot be deleted meanwhile.
   * @throws S3Error `NoSuchBucket`
   */
  async whileItExists<T>(name: string, write: () => Promise<T>): Promise<T> {
    // From here to the first await nothing else runs: either a deletion sees this writer, or this writer the deletion.
    if (this.#deleting.has(name)) throw noSuchBucket(name);
    this.#writers.set(name, (this.#writers.get(name) ?? 0) + 1);
    try {
      await this.get(name);
      return await write();
    } finally {
      const left = (this.#writers.get(name) ?? 1) - 1;
      if (left > 0) this.#writers.set(name, left);
      else this.#writers.delete(name);
    }
  }

  idle(): Promise<void> {
    return this.#lock.idle();
  }

  #put(bucket: BucketRecord): Promise<void> {
    return this.#records.database.batch<string, unknown>(
      [{ type: 'put', sublevel: this.#records.buckets, key: bucket.name, value: bucket }],
      { sync: true },
    );
  }

  async #deleteUploads(name: string): Promise<void> {
    for await (const upload of this.#records.uploads.values(keysOf(name))) {
      await this.#records.parts.clear(keysOf(upload.uploadId));
      await this.#files.removeParts(upload.uploadId);
    }
    await this.#records.uploads.clear(keysOf(name));
  }
}

const bucketNotEmpty = (name: string) =>
  new S3Error('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty', { BucketName: name });
