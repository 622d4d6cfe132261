import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { bytesOf, useS3 } from './support/s3.ts';

const s3 = useS3();
const MIB = 1024 * 1024;
const PIECE = bytesOf(MIB);
const PIECES = 200;
/** Far below the object: what sockets, streams and a lazy garbage collector hold. */
const HELD_BYTES_MAX = 100 * MIB;

/** The memory outside of V8's heap, where buffers are, at its highest. */
function memoryWatch() {
  let highest = 0;
  const before = process.memoryUsage().arrayBuffers;
  return {
    look: () => {
      highest = Math.max(highest, process.memoryUsage().arrayBuffers - before);
    },
    highest: () => highest,
  };
}

it('An object of 200 MB passes through without being held', async () => {
  const client = s3.client();
  const key = { Bucket: 'large', Key: 'object' };
  await client.send(new CreateBucketCommand({ Bucket: 'large' }));
  const memory = memoryWatch();
  const sent = createHash('md5');

  function* pieces() {
    for (let i = 0; i < PIECES; i++) {
      memory.look();
      sent.update(PIECE);
      yield PIECE;
    }
  }
  const put = await client.send(
    new PutObjectCommand({ ...key, Body: Readable.from(pieces()), ContentLength: PIECES * MIB }),
  );
  const etag = `"${sent.digest('hex')}"`;
  expect(put.ETag).toBe(etag);

  const { Body } = await client.send(new GetObjectCommand(key));
  if (!(Body instanceof Readable)) throw new Error('The SDK gave no stream.');
  const received = createHash('md5');
  for await (const chunk of Body) {
    memory.look();
    received.update(chunk);
  }
  expect(`"${received.digest('hex')}"`).toBe(etag);
  expect(memory.highest()).toBeLessThan(HELD_BYTES_MAX);
});
