import type { AwsCall } from '../aws/service.ts';
import type { Level } from './operation.ts';

type Names = Readonly<Record<string, string>>;

/** Sub-resources that are not served with any method, by the query parameter that asks for them. */
const UNSUPPORTED: Readonly<Record<Level, Names>> = {
  service: {},
  bucket: {
    analytics: 'BucketAnalyticsConfiguration',
    abac: 'BucketAbac',
    delete_marker: 'DeleteMarker',
    'intelligent-tiering': 'BucketIntelligentTieringConfiguration',
    inventory: 'BucketInventoryConfiguration',
    metadataConfiguration: 'BucketMetadataConfiguration',
    metadataTable: 'BucketMetadataTableConfiguration',
    metrics: 'BucketMetricsConfiguration',
    session: 'CreateSession',
    versions: 'ListObjectVersions',
  },
  object: {
    'legal-hold': 'ObjectLegalHold',
    renameObject: 'RenameObject',
    restore: 'RestoreObject',
    retention: 'ObjectRetention',
    select: 'SelectObjectContent',
    torrent: 'GetObjectTorrent',
    encryption: 'UpdateObjectEncryption',
  },
};

/** Configurations that a bucket here never has: they can be asked for, not put. */
const NEVER_CONFIGURED: Names = {
  accelerate: 'BucketAccelerateConfiguration',
  cors: 'BucketCors',
  lifecycle: 'BucketLifecycleConfiguration',
  logging: 'BucketLogging',
  notification: 'BucketNotificationConfiguration',
  'object-lock': 'ObjectLockConfiguration',
  replication: 'BucketReplication',
  requestPayment: 'BucketRequestPayment',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
};

const VERBS: Names = { DELETE: 'Delete', GET: 'Get', POST: 'Post', PUT: 'Put' };

/** The name of an operation that this S3 knows of and does not do. */
export function unsupportedOperation(call: AwsCall, level: Level): string | undefined {
  if (call.method === 'OPTIONS') return 'CORS';
  for (const name of call.query.keys()) {
    const unsupported = UNSUPPORTED[level][name];
    if (unsupported !== undefined) return operationName(call.method, unsupported);
    const neverConfigured = level === 'bucket' && call.method !== 'GET' ? NEVER_CONFIGURED[name] : undefined;
    if (neverConfigured !== undefined) return operationName(call.method, neverConfigured);
  }
  // Browsers' form uploads.
  return call.method === 'POST' && level === 'bucket' && !call.query.has('delete') ? 'POST Object' : undefined;
}

const operationName = (method: string, name: string) =>
  /^[A-Z][a-z]+(?:Object|Session)/.test(name) ? name : `${VERBS[method] ?? ''}${name}`;
