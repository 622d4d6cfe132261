import path from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { type ExportFolder, MaterialiseError, SUMMARY_FILE } from '../materialise/index.ts';

/** Of one object. */
const BREAKS_MAX = 5;
const ADDRESS = /^s3:\/\/([^/]+)\/(.+?)\/?$/;

/**
 * The folders of all exports at or below one of a bucket, read as the AWS SDK is set up to by its variables and profiles; where
 * there is none, the folder itself, to be told about. Undefined for what is no address like `s3://bucket/exports`.
 */
export async function s3Folders(address: string, env: NodeJS.ProcessEnv): Promise<ExportFolder[] | undefined> {
  const [, bucket, folder] = ADDRESS.exec(address) ?? [];
  if (bucket === undefined || folder === undefined) return undefined;
  const client = new S3Client({
    // As the AWS CLI has it.
    ...(!env.AWS_REGION && env.AWS_DEFAULT_REGION && { region: env.AWS_DEFAULT_REGION }),
    followRegionRedirects: true,
    // An endpoint of one's own has no names for buckets.
    forcePathStyle: Boolean(env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL),
  });
  const homes = (await isExport(client, bucket, folder)) ? [folder] : await exportsBelow(client, bucket, folder);
  return (homes.length > 0 ? homes : [folder]).map((home) => ({
    name: `s3://${bucket}/${home}`,
    read: (file) => readObject(client, bucket, path.posix.join(home, file)),
  }));
}

/** Asked first: whoever names an export need not be allowed to list the bucket. */
const isExport = (client: S3Client, Bucket: string, folder: string): Promise<boolean> =>
  client.send(new HeadObjectCommand({ Bucket, Key: `${folder}/${SUMMARY_FILE}` })).then(
    () => true,
    () => false,
  );

async function exportsBelow(client: S3Client, Bucket: string, folder: string): Promise<string[]> {
  const homes: string[] = [];
  const pages = listed(paginateListObjectsV2({ client }, { Bucket, Prefix: `${folder}/` }), `s3://${Bucket}/${folder}`);
  for await (const { Contents = [] } of pages) {
    for (const { Key = '' } of Contents)
      if (path.posix.basename(Key) === SUMMARY_FILE) homes.push(path.posix.dirname(Key));
  }
  return homes;
}

async function* listed<Page>(pages: AsyncIterable<Page>, address: string): AsyncGenerator<Page> {
  try {
    yield* pages;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MaterialiseError(
      `What lies below ${address} could not be listed: ${reason}`,
      'Set AWS_PROFILE, AWS_REGION and the like so that the bucket may be listed, or name the folder of each export.',
      { cause },
    );
  }
}

/** An answer that breaks off is gone on with where it did: the SDK sends requests again, but does not read on. */
async function* readObject(client: S3Client, Bucket: string, Key: string): AsyncGenerator<Uint8Array> {
  let byteCount = 0;
  let etag: string | undefined;
  for (let breaks = 0; ; ) {
    const rest = etag === undefined ? {} : { Range: `bytes=${byteCount}-`, IfMatch: etag };
    const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket, Key, ...rest }));
    if (!(Body instanceof Readable)) throw new Error(`S3 answered without a stream for ${Key}`);
    etag ??= ETag;
    try {
      for await (const chunk of Body) {
        byteCount += chunk.length;
        yield chunk;
      }
      return;
    } catch (cause) {
      breaks += 1;
      if (breaks > BREAKS_MAX || etag === undefined) throw cause;
    }
  }
}
