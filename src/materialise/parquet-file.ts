import { closeSync, openSync, writeSync } from 'node:fs';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { type Column, ColumnInference } from './columns.ts';
import { MaterialiseError } from './errors.ts';
import type { Image } from './images.ts';
import type { Items } from './items.ts';

/** Lines of a row group, which is held in memory. Larger ones deflate and scan better. */
const ROW_GROUP_BYTES = 16 * 1024 * 1024;
const ROW_GROUP_ROWS = 100_000;

export interface WrittenParquet {
  readonly itemCount: number;
  readonly columns: ReadonlyArray<Pick<Column, 'name' | 'type'>>;
}

/** Writes items as one Parquet file. They are read twice: no column is known before the last item is. */
export async function writeParquet(readItems: () => AsyncIterable<Items>, target: string): Promise<WrittenParquet> {
  const inference = new ColumnInference();
  for await (const { images } of readItems()) for (const image of images) inference.observe(image);
  const columns = inference.columns();
  if (columns.length === 0) {
    throw new MaterialiseError(
      'There are no items, and so no columns: Parquet has no form for that.',
      'Materialise it as dynamodb-json.',
    );
  }
  const file = new ParquetFile(target, columns);
  try {
    let pending: Image[] = [];
    let pendingBytes = 0;
    for await (const { images, byteCount } of readItems()) {
      pending.push(...images);
      pendingBytes += byteCount;
      if (pendingBytes < ROW_GROUP_BYTES && pending.length < ROW_GROUP_ROWS) continue;
      file.writeRows(pending);
      pending = [];
      pendingBytes = 0;
    }
    if (pending.length > 0) file.writeRows(pending);
    return { itemCount: file.finish(), columns: columns.map(({ name, type }) => ({ name, type })) };
  } finally {
    file.close();
  }
}

class ParquetFile {
  readonly #fd: number;
  readonly #columns: readonly Column[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #itemCount = 0;

  constructor(file: string, columns: readonly Column[]) {
    this.#fd = openSync(file, 'wx');
    this.#columns = columns;
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      createdBy: 'outport',
      schema: [
        { name: 'items', num_children: columns.length },
        ...columns.map(({ name, type }) => ({
          name,
          repetition_type: 'OPTIONAL' as const,
          ...(type === 'STRING' ? { type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const } : { type }),
        })),
      ],
    });
  }

  writeRows(images: readonly Image[]): void {
    this.#itemCount += images.length;
    void this.#writer.write({
      columnData: this.#columns.map(({ name, cellOf }) => ({
        name,
        data: images.map((image) => {
          const value = Object.hasOwn(image, name) ? image[name] : undefined;
          return value && cellOf(value);
        }),
      })),
      rowGroupSize: images.length,
    });
    this.#flush();
  }

  finish(): number {
    void this.#writer.finish();
    this.#flush();
    return this.#itemCount;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Hands on what was written, so that no more than a row group is held. `offset` goes on counting. */
  #flush(): void {
    const bytes = new Uint8Array(this.#bytes.buffer, 0, this.#bytes.index);
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#fd, bytes, from);
    this.#bytes.index = 0;
  }
}
