import path from 'node:path';
import { appendItem, type Block, type BlockGroup, type Extent, endOfItem, extentOf, positionAt } from './block.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { nameOfFile } from './data-file-name.ts';
import { deflatePiece } from './gzip-member.ts';
import { md5OfFiles } from './md5-of-files.ts';
import type { OnFile, PartitionJob } from './partition-job.ts';
import { indexOf, type Segment } from './segment.ts';
import { SegmentWriter, type UnhashedSegment } from './segment-writer.ts';
import { checkSegment, linkOrCopy } from './unchanged-segment.ts';

/** Neighbouring items that stay as they are: a range of lines, and the range of their entries in the index. */
export interface ItemRun {
  readonly lines: Buffer;
  readonly linesFrom: number;
  readonly linesTo: number;
  readonly items: Buffer;
  readonly itemsFrom: number;
  readonly itemsTo: number;
  /** Where the entry of the last item begins. */
  readonly lastFrom: number;
  readonly itemCount: number;
}

type Output = Pick<
  PartitionJob,
  'directory' | 'stem' | 'format' | 'indexed' | 'compressionLevel' | 'pieceBytes' | 'segmentBytes'
>;

/**
 * Writes the data files of one partition, of new lines and of what is copied from a base, in order of position. A file ends
 * between two partition keys once it is long enough; one of a key that alone is too long for a file ends within it.
 */
export class PartitionWriter {
  readonly #output: Output;
  readonly #onFile: OnFile;
  readonly #lines: ByteBuffer;
  readonly #items = new ByteBuffer(4096);
  readonly #segments: (Segment | UnhashedSegment)[] = [];
  #fileCount = 0;
  #file: SegmentWriter | undefined;
  #pendingItems = 0;
  /** Length at which the file that is being written ends, and that at which the one after it does. */
  #endBytes: number;
  #nextEndBytes: number;
  /** The position before the next one: as a string, or where it stands in items. */
  #previous: string | { readonly items: Buffer; readonly at: number } = '';

  constructor(output: Output, onFile: OnFile) {
    this.#output = output;
    this.#onFile = onFile;
    this.#lines = new ByteBuffer(2 * output.pieceBytes);
    this.#endBytes = output.segmentBytes;
    this.#nextEndBytes = output.segmentBytes;
  }

  /** Bytes of lines that still go into the piece that was begun. */
  get roomBytes(): number {
    return this.#output.pieceBytes - this.#lines.length;
  }

  /** Whether a file was begun that should not end yet. */
  get isFileShort(): boolean {
    const isBegun = this.#file !== undefined || this.#pendingItems > 0;
    return isBegun && (this.#file?.sizeBytes ?? 0) < this.#output.segmentBytes / 2;
  }

  /**
   * What comes next are items of that segment, some of which changed. They go on in a file that is still short, so that
   * small segments become one. A segment may grow to twice what a new file is; what is longer becomes two of the same
   * length, neither of which is short: else what is left over would go on into the next one, and that into the one after.
   */
  beginSegment({ sizeBytes }: Segment): void {
    const { segmentBytes } = this.#output;
    if (!this.isFileShort) this.#endFile();
    const expectedBytes = (this.#file?.sizeBytes ?? 0) + sizeBytes;
    this.#nextEndBytes = 2 * segmentBytes;
    this.#endBytes = expectedBytes > this.#nextEndBytes ? expectedBytes / 2 : this.#nextEndBytes;
  }

  /** Takes a segment of a base as it is, under its own name in the next base, and under a new one in an export. */
  keep(segment: Segment): void {
    this.#endFile();
    checkSegment(segment);
    const { directory, indexed } = this.#output;
    if (indexed) {
      this.#segments.push({ ...segment, data: path.basename(segment.data) });
      return;
    }
    const data = this.#nextName();
    const target = path.join(directory, data);
    if (linkOrCopy(segment.data, target) === 'COPIED') this.#onFile(target);
    this.#segments.push({ ...segment, data });
  }

  add(position: string, line: Buffer): void {
    this.reach(position);
    this.#lines.append(line);
    if (this.#output.indexed) appendItem(this.#items, position, line.length);
    this.#pendingItems += 1;
    this.#previous = position;
    if (this.roomBytes <= 0) this.#endPiece();
  }

  /** Part of a block, at the beginning of which `reach` was called. */
  addRun(run: ItemRun): void {
    this.#lines.append(run.lines, run.linesFrom, run.linesTo);
    if (this.#output.indexed) this.#items.append(run.items, run.itemsFrom, run.itemsTo);
    this.#pendingItems += run.itemCount;
    this.#previous = { items: run.items, at: run.lastFrom };
    if (this.roomBytes <= 0) this.#endPiece();
  }

  /**
   * Takes neighbouring blocks of a base as they are. Lines of an export that were added before may then follow them: their
   * order means nothing to its readers, and zlib deflates many together a third faster than the few between two copies.
   */
  copyBlocks(blocks: readonly Block[], stored: Buffer): void {
    const extent = extentOf(blocks);
    this.reach(extent.first);
    if (this.#output.indexed) this.#endPiece();
    this.#openFile().appendBlocks(blocks, extent, stored);
    this.#previous = extent.last;
  }

  /** The same for a whole group, in a file without an index: that would need its blocks. */
  copyGroup(group: BlockGroup, stored: Buffer): void {
    if (this.#output.indexed) throw new TypeError('An index has to know each block');
    this.reach(group.first);
    this.#openFile().append(group, stored);
    this.#previous = group.last;
  }

  /** To be called before what begins at a position: ends the file if it is long enough. */
  reach(position: string): void {
    const sizeBytes = this.#file?.sizeBytes ?? 0;
    if (sizeBytes < this.#endBytes) return;
    const previous = this.#previous;
    const last = typeof previous === 'string' ? previous : positionAt(previous.items, previous.at);
    const { segmentBytes } = this.#output;
    const isSameKey = position.startsWith(last.slice(0, HASH_DIGITS));
    if (isSameKey && sizeBytes < this.#endBytes + segmentBytes) return;
    this.#endFile();
    this.#endBytes = this.#nextEndBytes;
  }

  /** The files that make the partition: one at least, without items if it has none. Also of those that were kept. */
  finish(): Segment[] {
    this.#endFile();
    if (this.#segments.length === 0) {
      this.#openFile();
      this.#endFile();
    }
    return this.#hashed();
  }

  /** Closes what is open. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #openFile(): SegmentWriter {
    this.#file ??= new SegmentWriter(path.join(this.#output.directory, this.#nextName()), this.#output);
    return this.#file;
  }

  #nextName(): string {
    const name = nameOfFile(this.#output, this.#fileCount);
    this.#fileCount += 1;
    return name;
  }

  #endFile(): void {
    this.#endPiece();
    if (this.#file === undefined) return;
    const segment = this.#file.finish();
    this.close();
    const file = path.join(this.#output.directory, segment.data);
    this.#onFile(file);
    if (this.#output.indexed) this.#onFile(indexOf(file));
    this.#segments.push(segment);
  }

  #endPiece(): void {
    const itemCount = this.#pendingItems;
    if (itemCount === 0) return;
    const { stored, ...piece } = deflatePiece(this.#lines.bytes, this.#output.compressionLevel);
    const { bytes } = this.#items;
    const ends = this.#output.indexed ? { first: positionAt(bytes, 0), last: lastPosition(bytes) } : NO_ENDS;
    const extent: Extent = { ...piece, ...ends, storedBytes: stored.length, itemCount };
    const file = this.#openFile();
    if (this.#output.indexed) file.appendBlocks([{ ...extent, items: deflateItems(bytes) }], extent, stored);
    else file.append(extent, stored);
    this.#lines.clear();
    this.#items.clear();
    this.#pendingItems = 0;
  }

  /** What was written, hashed together: that is three times as fast as one file after the other. */
  #hashed(): Segment[] {
    const files = this.#segments.flatMap((segment) =>
      'md5Hex' in segment
        ? []
        : [{ path: path.join(this.#output.directory, segment.data), sizeBytes: segment.sizeBytes }],
    );
    const md5s = md5OfFiles(files).values();
    return this.#segments.map((segment) =>
      'md5Hex' in segment ? segment : { ...segment, md5Hex: md5s.next().value ?? '' },
    );
  }
}

const HASH_DIGITS = 16;
const NO_ENDS = { first: '', last: '' };

function lastPosition(items: Buffer): string {
  let last = 0;
  for (let at = 0; at < items.length; at = endOfItem(items, at)) last = at;
  return positionAt(items, last);
}

function deflateItems(items: Buffer): Buffer {
  return deflatePiece(items, 6).stored;
}

/** A block whose neighbours changed around it and left it small is written anew, so that bases do not fragment. */
export function isFragment(block: Block, pieceBytes: number): boolean {
  return block.rawBytes < pieceBytes / 2;
}
