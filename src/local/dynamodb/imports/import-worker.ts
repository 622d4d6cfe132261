import type { FileHandle } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import zlib from 'node:zlib';
import { type Decoded, recordReader } from './item-decoder.ts';
import type { InputCompression, InputFormat } from './request.ts';

/** What a thread is started with. */
export interface ImportWorkerData {
  readonly format: InputFormat;
  readonly compression: InputCompression;
  readonly table: Dynalite.Table;
}

/** To the thread: an object to read, or that a batch has been stored. */
export type ToImportWorker = { readonly kind: 'object'; readonly handle: FileHandle } | { readonly kind: 'stored' };

/** Rows of items as columns, which cost less to send than as many small objects. */
export interface ImportBatch {
  readonly kind: 'batch';
  readonly keys: readonly string[];
  readonly texts: readonly string[];
  readonly sizesBytes: readonly number[];
  /** Records that are not stored, by their place in the object. */
  readonly errors: ReadonlyArray<{ readonly itemIndex: number; readonly message: string }>;
  /** What was read for it, uncompressed. */
  readonly processedBytes: number;
}

/** From the thread: what it has read so far, or that the object is at its end. */
export type FromImportWorker = ImportBatch | { readonly kind: 'end' };

/** A batch is one commit: large enough for the sync it costs, small enough not to keep others waiting. */
const BATCH_CHARACTERS = 1024 * 1024;
const BATCH_ROWS_MAX = 4000;
/** Batches that are sent and not yet stored. */
const BATCHES_AHEAD = 3;
const CHUNK_BYTES = 256 * 1024;

const { format, compression, table }: ImportWorkerData = workerData;
const readRecords = recordReader(format, table);

/** Reads objects into batches, one object at a time, and not faster than they are stored. */
function serve(port: MessagePort): void {
  let ahead = 0;
  let stored = () => {};
  port.on('message', (message: ToImportWorker) => {
    if (message.kind === 'stored') {
      ahead -= 1;
      stored();
    } else {
      // An error that is thrown ends the thread and reaches the parent's `error` event.
      void readObject(message.handle);
    }
  });

  async function readObject(handle: FileHandle): Promise<void> {
    for await (const batch of batches(handle)) {
      const answer: FromImportWorker = batch;
      port.postMessage(answer);
      ahead += 1;
      while (ahead === BATCHES_AHEAD) await new Promise<void>((resolve) => (stored = resolve));
    }
    const answer: FromImportWorker = { kind: 'end' };
    port.postMessage(answer);
  }
}

async function* batches(handle: FileHandle): AsyncGenerator<ImportBatch> {
  let batch = emptyBatch();
  let characters = 0;
  let itemIndex = 0;
  const read = { bytes: 0 };
  for await (const decoded of recordsOf(handle, read)) {
    for (const record of decoded) {
      characters += add(batch, record, itemIndex);
      itemIndex += 1;
      if (characters < BATCH_CHARACTERS && batch.keys.length + batch.errors.length < BATCH_ROWS_MAX) continue;
      yield { ...batch, processedBytes: read.bytes };
      batch = emptyBatch();
      characters = 0;
      read.bytes = 0;
    }
  }
  yield { ...batch, processedBytes: read.bytes };
}

const emptyBatch = () => ({
  kind: 'batch' as const,
  keys: [] as string[],
  texts: [] as string[],
  sizesBytes: [] as number[],
  errors: [] as ImportBatch['errors'][number][],
});

function add(batch: ReturnType<typeof emptyBatch>, record: Decoded, itemIndex: number): number {
  if ('error' in record) {
    batch.errors.push({ itemIndex, message: record.error });
    return record.error.length;
  }
  batch.keys.push(record.key);
  batch.texts.push(record.text);
  batch.sizesBytes.push(record.sizeBytes);
  return record.key.length + record.text.length;
}

/** The records of an object. What cannot be decompressed is one record that cannot be read. */
async function* recordsOf(handle: FileHandle, read: { bytes: number }): AsyncGenerator<readonly Decoded[]> {
  // An empty object holds nothing, as `_started` of an export, though it is not compressed either.
  if ((await handle.stat()).size === 0) return handle.close();
  const compressed = handle.createReadStream({ highWaterMark: CHUNK_BYTES });
  const decompressor = decompressorOf(compression);
  if (decompressor) compressed.on('error', (error) => decompressor.destroy(error)).pipe(decompressor);
  try {
    yield* readRecords(textOf(decompressor ?? compressed, read));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && /^Z(STD)?_/.test(String(error.code)))) throw error;
    yield [{ error: `The object is not ${compression}: ${error.message}` }];
  } finally {
    compressed.destroy();
  }
}

async function* textOf(chunks: AsyncIterable<Buffer>, read: { bytes: number }): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  for await (const chunk of chunks) {
    read.bytes += chunk.length;
    yield decoder.write(chunk);
  }
  yield decoder.end();
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
