import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MaterialiseError } from './errors.ts';
import { type DataFile, damaged, type ExportManifest } from './manifests.ts';

const NEWLINE = 10;
/** Two images of an item of the largest size, all of whose characters are escaped, and the names around them. */
const LINE_BYTES_MAX = 13 * 409_600;

/**
 * The lines of a data file, without their newlines, many at a time. After the last one the file has been held to its manifest:
 * throws a `MaterialiseError` when its checksum or its number of lines is another, or it is no whole gzip file.
 */
export async function* linesOf(
  { folder }: Pick<ExportManifest, 'folder'>,
  file: DataFile,
): AsyncGenerator<readonly string[]> {
  const md5 = createHash('md5');
  const where = `${folder.name}: ${file.path}`;
  let itemCount = 0;
  for await (const lines of splitLines(inflated(folder.read(file.path), md5, where), where)) {
    itemCount += lines.length;
    yield lines;
  }
  const checksum = md5.digest('base64');
  if (checksum !== file.md5Checksum) {
    throw damaged(`${where}: its MD5 is ${checksum}, and should be ${file.md5Checksum}.`);
  }
  if (itemCount !== file.itemCount) {
    throw damaged(`${where} has ${itemCount} items, and should have ${file.itemCount}.`);
  }
}

async function* inflated(
  chunks: AsyncIterable<Uint8Array>,
  md5: { update(bytes: Uint8Array): unknown },
  where: string,
): AsyncGenerator<Buffer> {
  const hashed = async function* () {
    for await (const chunk of chunks) {
      md5.update(chunk);
      yield chunk;
    }
  };
  // What goes wrong before ends the stream that is read here, too.
  const gunzip = pipeline(Readable.from(hashed()), createGunzip(), () => undefined);
  try {
    yield* gunzip;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MaterialiseError(`${where} could not be read: ${reason}`, 'Copy the export again.', { cause });
  }
}

/** Whole lines without their newlines, those of a chunk at once. Throws `MaterialiseError` where text ends within a line. */
export async function* splitLines(chunks: AsyncIterable<Buffer>, where: string): AsyncGenerator<readonly string[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(NEWLINE);
    rest = bytes.subarray(end + 1);
    if (rest.length > LINE_BYTES_MAX) throw damaged(`${where} has a line of more than ${LINE_BYTES_MAX} bytes.`);
    if (end >= 0) yield bytes.toString('utf8', 0, end).split('\n');
  }
  if (rest.length > 0) throw damaged(`${where} ends within a line.`);
}
