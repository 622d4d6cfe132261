import { notConfigured } from './errors.ts';
import { type Operation, readsBucket } from './operation.ts';
import type { BucketRecord } from './records.ts';
import { type S3Reply, xmlReply } from './reply.ts';
import type { BucketRequest } from './request.ts';

/** What no bucket here ever has, as S3 answers for a bucket on which it was not configured. */
const NEVER_CONFIGURED: ReadonlyArray<{ name: string; query: string; answer: (bucket: BucketRecord) => S3Reply }> = [
  { name: 'BucketVersioning', query: 'versioning', answer: () => xmlReply('VersioningConfiguration', {}) },
  { name: 'BucketAccelerateConfiguration', query: 'accelerate', answer: () => xmlReply('AccelerateConfiguration', {}) },
  { name: 'BucketLogging', query: 'logging', answer: () => xmlReply('BucketLoggingStatus', {}) },
  {
    name: 'BucketNotificationConfiguration',
    query: 'notification',
    answer: () => xmlReply('NotificationConfiguration', {}),
  },
  {
    name: 'BucketRequestPayment',
    query: 'requestPayment',
    answer: () => xmlReply('RequestPaymentConfiguration', { Payer: 'BucketOwner' }),
  },
  absent('BucketCors', 'cors', 'NoSuchCORSConfiguration', 'The CORS configuration does not exist'),
  absent(
    'BucketWebsite',
    'website',
    'NoSuchWebsiteConfiguration',
    'The specified bucket does not have a website configuration',
  ),
  absent(
    'BucketLifecycleConfiguration',
    'lifecycle',
    'NoSuchLifecycleConfiguration',
    'The lifecycle configuration does not exist',
  ),
  absent(
    'BucketReplication',
    'replication',
    'ReplicationConfigurationNotFoundError',
    'The replication configuration was not found',
  ),
  absent(
    'ObjectLockConfiguration',
    'object-lock',
    'ObjectLockConfigurationNotFoundError',
    'Object Lock configuration does not exist for this bucket',
  ),
];

export const NEVER_CONFIGURED_OPERATIONS: readonly Operation[] = NEVER_CONFIGURED.map(({ name, query, answer }) => ({
  ...readsBucket,
  name: `Get${name}`,
  method: 'GET',
  query: [query],
  actions: [`s3:Get${name}`],
  perform: async ({ bucket }: BucketRequest) => answer(bucket),
}));

function absent(name: string, query: string, code: string, message: string) {
  return {
    name,
    query,
    answer: (bucket: BucketRecord): S3Reply => {
      throw notConfigured(code, message, bucket.name);
    },
  };
}
