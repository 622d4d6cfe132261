import type { AwsCall } from '../aws/service.ts';
import type { Level } from './operation.ts';

type Names = Readonly<Record<string, string>>;

/** Operations that a query parameter asks for by itself. */
const OPERATIONS: Readonly<Record<Level, Names>> = {
  service: {},
  bucket: { session: 'CreateSession', versions: 'ListObjectVersions' },
  object: {
    encryption: 'UpdateObjectEncryption',
    renameObject: 'RenameObject',
    restore: 'RestoreObject',
    select: 'SelectObjectContent',
    torrent: 'GetObjectTorrent',
  },
};

/** Sub-resources that are not served with any method. */
const RESOURCES: Readonly<Record<Level, Names>> = {
  service: {},
  bucket: {
    abac: 'BucketAbac',
    analytics: 'BucketAnalyticsConfiguration',
    'intelligent-tiering': 'BucketIntelligentTieringConfiguration',
    inventory: 'BucketInventoryConfiguration',
    metadataConfiguration: 'BucketMetadataConfiguration',
    metadataTable: 'BucketMetadataTableConfiguration',
    metrics: 'BucketMetricsConfiguration',
  },
  object: { 'legal-hold': 'ObjectLegalHold', retention: 'ObjectRetention' },
};

/** Sub-resources that a bucket here never has: they can be asked for, not put. */
const READ_ONLY_RESOURCES: Names = {
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

const VERBS: Names = { DELETE: 'Delete', GET: 'Get', POST: 'Create', PUT: 'Put' };

/** The name of an operation that S3 has and this one does not. */
export function unsupportedOperation(call: AwsCall, level: Level): string | undefined {
  if (call.method === 'OPTIONS') return 'CORS';
  for (const parameter of call.query.keys()) {
    const operation = OPERATIONS[level][parameter];
    if (operation !== undefined) return operation;
    const isRead = call.method === 'GET';
    const resource = RESOURCES[level][parameter] ?? (level === 'bucket' && !isRead && READ_ONLY_RESOURCES[parameter]);
    if (resource) return `${VERBS[call.method] ?? ''}${resource}`;
  }
  // What a browser's form uploads with.
  return call.method === 'POST' && level === 'bucket' && !call.query.has('delete') ? 'POST Object' : undefined;
}
