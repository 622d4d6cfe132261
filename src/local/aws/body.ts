import type { Readable } from 'node:stream';
import { Refusal } from './refusal.ts';
import type { AwsCall } from './service.ts';
import { BODY_SIZE_BYTES_MAX } from './wire.ts';

/** The whole body of a call. The endpoint has bounded it to 16 MiB for every service but S3, which streams. */
export const readBody = (call: Pick<AwsCall, 'body'>): Promise<Buffer> => collect(call.body);

/**
 * Reads a request's body into memory.
 * @throws Refusal `BodyTooLarge` beyond `sizeBytesMax`
 */
export async function collect(body: Readable, sizeBytesMax = BODY_SIZE_BYTES_MAX): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // Ending the iteration early must not destroy the socket that the refusal is still to be written to.
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes: Buffer = chunk;
    sizeBytes += bytes.length;
    if (sizeBytes > sizeBytesMax) throw new Refusal('BodyTooLarge');
    chunks.push(bytes);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, sizeBytes);
}
