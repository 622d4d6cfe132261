import type { FileHandle } from 'node:fs/promises';
import type { BatchOperation } from 'classic-level';
import type { BucketStore } from './bucket-store.ts';
import { KeyedLock } from './keyed-lock.ts';
import { hasCode, type ObjectFiles } from './object-files.ts';
import { type Database, type ObjectRecord, objectKey, type Records } from './records.ts';

/** A change of the index that is to be committed together with an object's. */
export type RecordOperation = BatchOperation<Database, string, unknown>;

/** Decides on the object as it is at the moment of the write; throws to refuse. */
export type Precondition = (current: ObjectRecord | undefined) => void;

/** The objects of all buckets: their records, and the files these refer to. */
export class StoredObjects {
  readonly #records: Records;
  readonly #files: ObjectFiles;
  readonly #buckets: BucketStore;
  readonly #now: () => number;
  readonly #lock = new KeyedLock();

  constructor(records: Records, files: ObjectFiles, buckets: BucketStore, now: () => number) {
    this.#records = records;
    this.#files = files;
    this.#buckets = buckets;
    this.#now = now;
  }

  find(bucket: string, key: string): Promise<ObjectRecord | undefined> {
    return this.#records.objects.get(objectKey(bucket, key));
  }

  /** The object with its file opened: whatever happens to the object, these bytes can be read to their end. */
  async open(bucket: string, key: string): Promise<{ object: ObjectRecord; handle: FileHandle } | undefined> {
    let missing: string | undefined;
    for (;;) {
      const object = await this.find(bucket, key);
      if (!object) return undefined;
      try {
        return { object, handle: await this.#files.open(object.file) };
      } catch (error) {
        // Replaced between the two steps: look again. The same file missing twice is a damaged folder.
        if (!hasCode(error, 'ENOENT', 'ENOTDIR') || missing === object.file) throw error;
        missing = object.file;
      }
    }
  }

  /**
   * Makes a durable file under `.incoming` the bytes of an object, atomically and durably: after a crash the object is
   * either as it was or as it was put. The file is used up, also when the put is refused.
   */
  put(
    object: Omit<ObjectRecord, 'file' | 'lastModifiedMillis'>,
    incoming: string,
    precondition?: Precondition,
    alongside: readonly RecordOperation[] = [],
  ): Promise<ObjectRecord> {
    const put = this.#write(object.bucket, object.key, async (current) => {
      precondition?.(current);
      const file = await this.#files.place(incoming, object.bucket, object.key);
      const stored: ObjectRecord = { ...object, file, lastModifiedMillis: this.#now() };
      // It is the same when a person has removed the file by hand.
      const replaced = current?.file === file ? undefined : current?.file;
      if (replaced !== undefined) this.#files.claim(replaced);
      // Should this fail, both files stay noted or referenced as the log says, and the next start sweeps.
      await this.#commit([
        { type: 'put', sublevel: this.#records.objects, key: objectKey(object.bucket, object.key), value: stored },
        { type: 'del', sublevel: this.#records.unreferenced, key: file },
        ...(replaced === undefined ? [] : [this.#noteUnreferenced(replaced)]),
        ...alongside,
      ]);
      this.#files.release(file);
      if (replaced !== undefined) await this.#files.remove(replaced);
      return stored;
    });
    return put.finally(() => this.#files.discardIncoming(incoming));
  }

  /** Changes what is recorded of an object, not its bytes. @returns undefined when there is no such object */
  update(
    bucket: string,
    key: string,
    change: (current: ObjectRecord) => ObjectRecord,
  ): Promise<ObjectRecord | undefined> {
    return this.#write(bucket, key, async (current) => {
      if (!current) return undefined;
      const changed = change(current);
      await this.#commit([
        { type: 'put', sublevel: this.#records.objects, key: objectKey(bucket, key), value: changed },
      ]);
      return changed;
    });
  }

  /** Removes an object if there is one. */
  delete(bucket: string, key: string, precondition?: Precondition): Promise<void> {
    return this.#write(bucket, key, async (current) => {
      precondition?.(current);
      if (!current) return;
      this.#files.claim(current.file);
      await this.#commit([
        { type: 'del', sublevel: this.#records.objects, key: objectKey(bucket, key) },
        this.#noteUnreferenced(current.file),
      ]);
      await this.#files.remove(current.file);
    });
  }

  /** Resolves when the writes that have begun are done. */
  idle(): Promise<void> {
    return this.#lock.idle();
  }

  #write<T>(bucket: string, key: string, write: (current: ObjectRecord | undefined) => Promise<T>): Promise<T> {
    return this.#lock.run(objectKey(bucket, key), () =>
      this.#buckets.whileItExists(bucket, async () => write(await this.find(bucket, key))),
    );
  }

  #noteUnreferenced(file: string): RecordOperation {
    return { type: 'put', sublevel: this.#records.unreferenced, key: file, value: '' };
  }

  #commit(operations: RecordOperation[]): Promise<void> {
    return this.#records.database.batch<string, unknown>(operations, { sync: true });
  }
}
