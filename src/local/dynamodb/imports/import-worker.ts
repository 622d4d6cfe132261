import type { FileHandle } from 'node:fs/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import zlib from 'node:zlib';
import { type Decoded, recordReader } from './item-decoder.ts';
import type { InputCompression, InputFormat } from './request.ts';
import { RowBuffer } from './rows.ts';

/** What a thread is started with. */
export interface ImportWorkerData {
  readonly format: InputFormat;
  readonly compression: InputCompression;
  readonly table: Dynalite.Table;
}

/** To the thread: an object to read, with its number, or that a batch has been taken. */
export type ToImportWorker =
  | { readonly kind: 'object'; readonly handle: FileHandle; readonly object: number }
  | { readonly kind: 'taken' };

export interface ImportBatch {
  readonly kind: 'batch';
  readonly rows: Uint8Array<ArrayBuffer>;
  readonly rowCount: number;
  /** Records that are not stored, by their place in the object. */
  readonly errors: ReadonlyArray<{ readonly itemIndex: number; readonly message: string }>;
  /** What was read for it, uncompressed. */
  readonly processedBytes: number;
}

/** From the thread: what it has read so far, or that the object is at its end. */
export type FromImportWorker = ImportBatch | { readonly kind: 'end' };

const BATCH_BYTES = 1024 * 1024;
const BATCH_ERRORS_MAX = 4000;
/** Batches that are sent and not yet taken. */
const BATCHES_AHEAD = 3;
const CHUNK_BYTES = 256 * 1024;

const { format, compression, table }: ImportWorkerData = workerData;
const readRecords = recordReader(format, table);

/** Reads objects into batches, one object at a time, and not faster than they are taken. */
function serve(port: MessagePort): void {
  let ahead = 0;
  let taken = () => {};
  port.on('message', (message: ToImportWorker) => {
    if (message.kind === 'taken') {
      ahead -= 1;
      taken();
    } else {
      // An error that is thrown ends the thread and reaches the parent's `error` event.
      void readObject(message.handle, message.object);
    }
  });

  async function readObject(handle: FileHandle, object: number): Promise<void> {
    for await (const batch of batches(handle, object)) {
      const answer: FromImportWorker = batch;
      port.postMessage(answer, [batch.rows.buffer]);
      ahead += 1;
      while (ahead === BATCHES_AHEAD) await new Promise<void>((resolve) => (taken = resolve));
    }
    const answer: FromImportWorker = { kind: 'end' };
    port.postMessage(answer);
  }
}

async function* batches(handle: FileHandle, object: number): AsyncGenerator<ImportBatch> {
  const rows = new RowBuffer(2 * BATCH_BYTES);
  const read = { bytes: 0 };
  let errors: ImportBatch['errors'][number][] = [];
  let itemIndex = 0;
  const batch = (): ImportBatch => {
    const { rowCount } = rows;
    const finished = { kind: 'batch' as const, rows: rows.take(), rowCount, errors, processedBytes: read.bytes };
    errors = [];
    read.bytes = 0;
    return finished;
  };
  for await (const decoded of recordsOf(handle, read)) {
    for (const record of decoded) {
      if ('error' in record) errors.push({ itemIndex, message: record.error });
      else rows.add({ object, ...record });
      itemIndex += 1;
      if (rows.length >= BATCH_BYTES || errors.length >= BATCH_ERRORS_MAX) yield batch();
    }
  }
  yield batch();
}

/** The records of an object. What cannot be decompressed is one record that cannot be read. */
async function* recordsOf(handle: FileHandle, read: { bytes: number }): AsyncGenerator<readonly Decoded[]> {
  // An empty object holds nothing, as `_started` of an export, though it is not compressed either.
  if ((await handle.stat()).size === 0) return handle.close();
  const compressed = handle.createReadStream({ highWaterMark: CHUNK_BYTES });
  const decompressor = decompressorOf(compression);
  if (decompressor) compressed.on('error', (error) => decompressor.destroy(error)).pipe(decompressor);
  try {
    yield* readRecords(counted(decompressor ?? compressed, read));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && /^Z(STD)?_/.test(String(error.code)))) throw error;
    yield [{ error: `The object is not ${compression}: ${error.message}` }];
  } finally {
    compressed.destroy();
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, read: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    read.bytes += chunk.length;
    yield chunk;
  }
}

function decompressorOf(type: InputCompression): zlib.Gunzip | undefined {
  switch (type) {
    case 'NONE':
      return undefined;
    case 'GZIP':
      return zlib.createGunzip({ chunkSize: CHUNK_BYTES });
    case 'ZSTD':
      return zstdDecompressor();
    default:
      return type satisfies never;
  }
}

/** Present from Node.js 22.15 on, which requests for ZSTD are checked for; the types are those of 20. */
function zstdDecompressor(): zlib.Gunzip {
  const create: (options: { chunkSize: number }) => zlib.Gunzip = Reflect.get(zlib, 'createZstdDecompress');
  return create({ chunkSize: CHUNK_BYTES });
}

if (parentPort) serve(parentPort);
