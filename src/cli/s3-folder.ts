import path from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ExportFolder } from '../materialise/index.ts';

const ADDRESS = /^s3:\/\/([^/]+)\/(.+?)\/?$/;

/**
 * A folder of a bucket, read as the AWS SDK is set up to by its variables and profiles. Undefined for what is no address like
 * `s3://bucket/AWSDynamoDB/01768385930622-efd1a093`.
 */
export function s3Folder(address: string, env: NodeJS.ProcessEnv): ExportFolder | undefined {
  const [, bucket, folder] = ADDRESS.exec(address) ?? [];
  if (bucket === undefined || folder === undefined) return undefined;
  // An endpoint of one's own has no names for buckets.
  const client = new S3Client({ forcePathStyle: Boolean(env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL) });
  return { name: address, read: (file) => readObject(client, bucket, path.posix.join(folder, file)) };
}

async function* readObject(client: S3Client, Bucket: string, Key: string): AsyncGenerator<Uint8Array> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  if (!(Body instanceof Readable)) throw new Error(`S3 answered without a stream for ${Key}`);
  yield* Body;
}
