import type { AwsCall } from '../aws/service.ts';
import { S3Error } from './object-store.ts';

/** What a request is about: nothing (the service), a bucket, or an object. */
export interface Address {
  readonly bucket?: string;
  readonly key?: string;
}

const KEY_BYTES_MAX = 1024;
const VIRTUAL_HOSTS = [
  /^(?<bucket>.+?)\.s3(?:[.-][a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|localhost)$/,
  /^(?<bucket>.+)\.localhost$/,
];

/**
 * Reads bucket and key from a virtual-hosted (`bucket.s3.…`, `bucket.localhost`) or path-style address.
 * @throws S3Error `InvalidURI`, `KeyTooLongError`
 */
export function addressOf(call: Pick<AwsCall, 'host' | 'path'>): Address {
  const bucket = virtualHostedBucket(call.host);
  if (bucket !== undefined) return { bucket, ...keyOf(call.path.slice(1)) };
  const path = call.path.slice(1);
  if (path === '') return {};
  const slash = path.indexOf('/');
  if (slash < 0) return { bucket: decode(path) };
  return { bucket: decode(path.slice(0, slash)), ...keyOf(path.slice(slash + 1)) };
}

/** Bucket and key of an `x-amz-copy-source`: `[/]bucket/key`, percent-encoded; undefined when it is neither. */
export function addressOfCopySource(source: string): Required<Address> | undefined {
  const match = /^\/?([^/]+)\/(.+)$/s.exec(decode(source));
  return match?.[1] !== undefined && match[2] !== undefined ? { bucket: match[1], key: match[2] } : undefined;
}

function virtualHostedBucket(host: string): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (name === 's3.localhost') return undefined;
  for (const pattern of VIRTUAL_HOSTS) {
    const bucket = pattern.exec(name)?.groups?.bucket;
    if (bucket !== undefined) return bucket;
  }
  return undefined;
}

function keyOf(encoded: string): Pick<Address, 'key'> {
  if (encoded === '') return {};
  const key = decode(encoded);
  const sizeBytes = Buffer.byteLength(key);
  if (sizeBytes > KEY_BYTES_MAX) {
    throw new S3Error('KeyTooLongError', 400, 'Your key is too long', {
      Size: String(sizeBytes),
      MaxSizeAllowed: String(KEY_BYTES_MAX),
    });
  }
  return { key };
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new S3Error('InvalidURI', 400, "Couldn't parse the specified URI.", { URI: encoded });
  }
}
