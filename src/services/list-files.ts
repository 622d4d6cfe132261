import { GetObjectCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Destination, ExportRecord } from '../records/export-records.ts';
import type { ListPage } from './list-page.ts';
import type { Outport } from './outport.ts';
import { beginReading, type Reader, readFrom } from './read-export-data.ts';
import { lookUpFiles } from './read-output.ts';
import type { ManifestFile } from './verification.ts';

/** A data file of an export, with a link by which whoever has it can download the file for a while. */
export interface DataFile extends ManifestFile {
  /** Its place in the manifest, from 1. */
  readonly position: number;
  /** Compressed; null when the file is not in the bucket any more. */
  readonly sizeBytes: number | null;
  readonly downloadUrl: string | null;
  /** ISO 8601. */
  readonly downloadUrlExpiresAt: string | null;
}

/** Long enough to begin a download, and no longer than the SDK keeps a session in hand (five minutes before it ends). */
const DOWNLOAD_URL_SECONDS = 300;

/**
 * A page of an export's data files, in the order of the manifest; null when there are none yet, or the reader may not have
 * them. A link says who may download without saying so again: that it was made is in the audit.
 * @throws AwsRefusal
 */
export async function listFiles(
  outport: Outport,
  reader: Reader,
  record: ExportRecord,
  { first, after }: { readonly first: number; readonly after: string | null },
): Promise<ListPage<DataFile> | null> {
  const readable = await beginReading(outport, reader, record, { files: { first, after: Number(after ?? 0) } });
  if (readable === null) return null;
  const { destination } = readable.record;
  return readFrom(readable, async (s3, files) => {
    const from = Number(after ?? 0);
    const page = files.slice(from, from + first);
    const stored = await lookUpFiles(s3, destination, page);
    const signer = await inRegionOf(s3, destination);
    const expiresAt = new Date(outport.now().getTime() + DOWNLOAD_URL_SECONDS * 1000).toISOString();
    const items = await Promise.all(
      page.map(async (file, n): Promise<DataFile> => {
        const found = stored.get(file.key);
        const position = from + n + 1;
        if (!found) return { ...file, position, sizeBytes: null, downloadUrl: null, downloadUrlExpiresAt: null };
        // Without the expected owner, which a browser could not send; it has just been held against that.
        const command = new GetObjectCommand({ Bucket: destination.bucket, Key: file.key });
        const downloadUrl = await getSignedUrl(signer, command, { expiresIn: DOWNLOAD_URL_SECONDS });
        return { ...file, position, sizeBytes: found.sizeBytes, downloadUrl, downloadUrlExpiresAt: expiresAt };
      }),
    );
    const last = items.at(-1);
    return {
      items,
      hasNextPage: from + page.length < files.length,
      endPosition: last === undefined ? null : String(last.position),
    };
  });
}

/** A link must be signed for the Region of the bucket, which may be another than that of the table. */
async function inRegionOf(s3: S3Client, { bucket, bucketOwner }: Destination): Promise<S3Client> {
  const command = new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: bucketOwner ?? undefined });
  const { BucketRegion: region } = await s3.send(command);
  if (!region || region === (await s3.config.region())) return s3;
  return new S3Client({ region, credentials: s3.config.credentials });
}
