import type { ExportDestinationInput } from '../../client/index.ts';

interface DestinationOptions {
  readonly bucket: string;
  readonly prefix?: string | undefined;
  readonly bucketOwner?: string | undefined;
  readonly kmsKey?: string | undefined;
}

/** Where to, as options say. */
export const destinationOf = ({ bucket, prefix, bucketOwner, kmsKey }: DestinationOptions): ExportDestinationInput => ({
  bucket,
  prefix,
  bucketOwner,
  ...(kmsKey && { encryption: { algorithm: 'KMS', kmsKeyId: kmsKey } }),
});
