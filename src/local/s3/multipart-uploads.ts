import type { BucketStore } from './bucket-store.ts';
import { noSuchUpload } from './errors.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { ObjectFiles } from './object-files.ts';
import { keysOf, type PartRecord, partKey, type Records, type UploadRecord, uploadKey } from './records.ts';
import type { RecordOperation } from './stored-objects.ts';

/** Multipart uploads under way, and the parts that have arrived. */
export class MultipartUploads {
  readonly #records: Records;
  readonly #files: ObjectFiles;
  readonly #buckets: BucketStore;
  readonly #lock = new KeyedLock();

  constructor(records: Records, files: ObjectFiles, buckets: BucketStore) {
    this.#records = records;
    this.#files = files;
    this.#buckets = buckets;
  }

  create(upload: UploadRecord): Promise<void> {
    return this.#buckets.whileItExists(upload.bucket, () =>
      this.#commit([
        {
          type: 'put',
          sublevel: this.#records.uploads,
          key: uploadKey(upload.bucket, upload.key, upload.uploadId),
          value: upload,
        },
      ]),
    );
  }

  /** @throws S3Error `NoSuchUpload` */
  async get(bucket: string, key: string, uploadId: string): Promise<UploadRecord> {
    const upload = await this.#records.uploads.get(uploadKey(bucket, key, uploadId));
    if (!upload) throw noSuchUpload(uploadId);
    return upload;
  }

  async parts(uploadId: string): Promise<PartRecord[]> {
    const parts: PartRecord[] = [];
    for await (const part of this.#records.parts.values(keysOf(uploadId))) parts.push(part);
    return parts;
  }

  /** Makes a durable file under `.incoming` a part, in place of one that has its number. */
  putPart(upload: UploadRecord, incoming: string, part: Omit<PartRecord, 'file'>): Promise<void> {
    const put = this.exclusively(upload, async () => {
      const file = await this.#files.placePart(incoming, upload.uploadId, part.number);
      const key = partKey(upload.uploadId, part.number);
      const replaced = await this.#records.parts.get(key);
      await this.#commit([{ type: 'put', sublevel: this.#records.parts, key, value: { ...part, file } }]);
      if (replaced) await this.#files.removePart(replaced.file);
    });
    return put.finally(() => this.#files.discardIncoming(incoming));
  }

  /** Forgets an upload, and removes its parts. */
  async abort(upload: UploadRecord): Promise<void> {
    await this.exclusively(upload, async () => this.#commit(await this.removal(upload)));
    await this.#files.removeParts(upload.uploadId);
  }

  /**
   * Runs a step of an upload while no other can: it is completed once, and takes no parts after that.
   * @throws S3Error `NoSuchUpload`
   */
  exclusively<T>({ bucket, key, uploadId }: UploadRecord, step: () => Promise<T>): Promise<T> {
    return this.#lock.run(uploadId, async () => {
      await this.get(bucket, key, uploadId);
      return step();
    });
  }

  /** The changes of the index that forget an upload and its parts. */
  async removal({ bucket, key, uploadId }: UploadRecord): Promise<RecordOperation[]> {
    const parts = await this.parts(uploadId);
    return [
      { type: 'del', sublevel: this.#records.uploads, key: uploadKey(bucket, key, uploadId) },
      ...parts.map(
        ({ number }): RecordOperation => ({
          type: 'del',
          sublevel: this.#records.parts,
          key: partKey(uploadId, number),
        }),
      ),
    ];
  }

  idle(): Promise<void> {
    return this.#lock.idle();
  }

  #commit(operations: RecordOperation[]): Promise<void> {
    return this.#records.database.batch<string, unknown>(operations, { sync: true });
  }
}
