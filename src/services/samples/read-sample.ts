import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { constants, createGunzip } from 'node:zlib';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { CompletedExport } from '../../records/export-records.ts';
import type { ManifestFile } from '../verification.ts';
import { parseLine } from './parse-line.ts';
import type { Sample, SampledLine } from './sample.ts';

/** What is read of an export at most: compressed bytes from S3, text that they unpack to, lines, and files they are in. */
const COMPRESSED_BYTES_MAX = 1024 * 1024;
const TEXT_LENGTH_MAX = 16 * 1024 * 1024;
const LINES_MAX = 1_000;
const FILES_MAX = 16;

/** Reads the first lines of an export, from as many of its files as it takes and no more than the bounds above. */
export async function readSample(
  s3: S3Client,
  { destination, exportFormat }: CompletedExport,
  files: readonly ManifestFile[],
): Promise<Sample> {
  const lines: SampledLine[] = [];
  let bytesLeft = COMPRESSED_BYTES_MAX;
  let textLeft = TEXT_LENGTH_MAX;
  for (const { key } of files.filter(({ itemCount }) => itemCount > 0).slice(0, FILES_MAX)) {
    if (bytesLeft <= 0 || textLeft <= 0 || lines.length >= LINES_MAX) break;
    const { Body, ContentLength = 0 } = await s3.send(
      new GetObjectCommand({
        Bucket: destination.bucket,
        Key: key,
        ExpectedBucketOwner: destination.bucketOwner ?? undefined,
        Range: `bytes=0-${bytesLeft - 1}`,
      }),
    );
    bytesLeft -= ContentLength;
    if (!(Body instanceof Readable)) throw new Error(`S3 answered without a stream for ${key}`);
    for await (const line of textLines(Body)) {
      textLeft -= line.length;
      if (textLeft < 0 || lines.length >= LINES_MAX) break;
      const parsed = await parseLine(line, exportFormat);
      // The last line of a file that was cut off is none.
      if (parsed) lines.push(parsed);
    }
  }
  return lines;
}

/** The lines of a gzip file, or of the beginning of one. */
async function* textLines(compressed: Readable): AsyncGenerator<string> {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  compressed.once('error', (error) => gunzip.destroy(error));
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of compressed.pipe(gunzip)) {
      const [first = '', ...others] = decoder.write(chunk).split('\n');
      const last = others.pop();
      if (last === undefined) {
        rest += first;
        continue;
      }
      yield rest + first;
      yield* others;
      rest = last;
    }
    if (rest !== '') yield rest;
  } finally {
    compressed.destroy();
    gunzip.destroy();
  }
}
