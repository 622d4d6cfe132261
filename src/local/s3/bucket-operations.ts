import { isValidBucketName } from './bucket-names.ts';
import { notImplemented } from './errors.ts';
import { aclNotSupported } from './object-description.ts';
import { isoTime } from './object-headers.ts';
import { S3Error } from './object-store.ts';
import { type Operation, readsBucket, writesBucket } from './operation.ts';
import { ownerOf } from './owner.ts';
import { receiveDocument } from './payload.ts';
import type { PublicAccessBlock } from './records.ts';
import { emptyReply, type S3Reply, xmlReply } from './reply.ts';
import { type BucketRequest, type NewBucketRequest, type ServiceRequest, wholeNumber } from './request.ts';
import type { S3 } from './s3.ts';
import { BUCKET_TAGS_MAX, parseTags } from './tags.ts';
import { parseXml } from './xml.ts';

const BUCKETS_MAX = 10_000;
const DEFAULT_REGION = 'us-east-1';
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

/** As AWS gives every new bucket. */
const ALL_BLOCKED: PublicAccessBlock = {
  blockPublicAcls: true,
  ignorePublicAcls: true,
  blockPublicPolicy: true,
  restrictPublicBuckets: true,
};

export const BUCKET_OPERATIONS: readonly Operation[] = [
  { name: 'ListBuckets', method: 'GET', scope: 'service', readOnly: true, management: true, perform: listBuckets },
  { name: 'CreateBucket', method: 'PUT', scope: 'newBucket', readOnly: false, management: true, perform: createBucket },
  { ...readsBucket, name: 'HeadBucket', method: 'HEAD', actions: ['s3:ListBucket'], perform: headBucket },
  { ...writesBucket, name: 'DeleteBucket', method: 'DELETE', actions: ['s3:DeleteBucket'], perform: deleteBucket },
  {
    ...readsBucket,
    name: 'GetBucketLocation',
    method: 'GET',
    query: ['location'],
    actions: ['s3:GetBucketLocation'],
    perform: getBucketLocation,
  },
];

async function listBuckets({ call }: ServiceRequest, s3: S3): Promise<S3Reply> {
  const prefix = call.query.get('prefix') ?? '';
  const region = call.query.get('bucket-region');
  const after = call.query.get('continuation-token') ?? '';
  const max = wholeNumber(call.query.get('max-buckets'), 'max-buckets', BUCKETS_MAX);
  const matching = (await s3.buckets.ownedBy(call.caller.accountId)).filter(
    (bucket) => bucket.name > after && bucket.name.startsWith(prefix) && (region === null || bucket.region === region),
  );
  const page = matching.slice(0, max);
  return xmlReply('ListAllMyBucketsResult', {
    Owner: ownerOf(call.caller.accountId),
    Buckets: {
      Bucket: page.map((bucket) => ({
        Name: bucket.name,
        CreationDate: isoTime(bucket.createdAtMillis),
        BucketRegion: bucket.region,
      })),
    },
    ContinuationToken: page.length < matching.length ? page.at(-1)?.name : undefined,
    Prefix: prefix || undefined,
  });
}

async function createBucket({ call, bucketName }: NewBucketRequest, s3: S3): Promise<S3Reply> {
  if (!isValidBucketName(bucketName)) {
    throw new S3Error('InvalidBucketName', 400, 'The specified bucket is not valid.', { BucketName: bucketName });
  }
  refuseUnsupported(call.headers);
  const body = await receiveDocument(call);
  const configuration = body === '' ? undefined : parseXml(body, 'CreateBucketConfiguration');
  const region = readRegion(configuration?.text('LocationConstraint'), call.region);
  const tags = parseTags(configuration?.child('Tags')?.children('Tag') ?? [], BUCKET_TAGS_MAX);
  const existing = await s3.buckets.create({
    name: bucketName,
    ownerAccountId: call.caller.accountId,
    region,
    createdAtMillis: s3.now(),
    publicAccessBlock: ALL_BLOCKED,
    ...(tags.length > 0 && { tags }),
  });
  if (existing && existing.ownerAccountId !== call.caller.accountId) {
    throw new S3Error(
      'BucketAlreadyExists',
      409,
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      { BucketName: bucketName },
    );
  }
  // In us-east-1, for the sake of old clients, creating one's own bucket again succeeds.
  if (existing && region !== DEFAULT_REGION) {
    throw new S3Error(
      'BucketAlreadyOwnedByYou',
      409,
      'Your previous request to create the named bucket succeeded and you already own it.',
      { BucketName: bucketName },
    );
  }
  return emptyReply(200, { location: `/${bucketName}` });
}

async function headBucket({ bucket }: BucketRequest): Promise<S3Reply> {
  return emptyReply(200, {
    'x-amz-bucket-region': bucket.region,
    'x-amz-bucket-arn': `arn:aws:s3:::${bucket.name}`,
    'x-amz-access-point-alias': 'false',
    'content-type': 'application/xml',
  });
}

async function deleteBucket({ bucket }: BucketRequest, s3: S3): Promise<S3Reply> {
  await s3.buckets.delete(bucket.name);
  return emptyReply(204);
}

async function getBucketLocation({ bucket }: BucketRequest): Promise<S3Reply> {
  // The Region that was there before Regions had names has none here.
  return xmlReply('LocationConstraint', bucket.region === DEFAULT_REGION ? {} : { '#text': bucket.region });
}

function refuseUnsupported(headers: Readonly<Record<string, string | undefined>>): void {
  if (headers['x-amz-bucket-object-lock-enabled']?.toLowerCase() === 'true') throw notImplemented('Object Lock');
  const ownership = headers['x-amz-object-ownership'];
  if (ownership !== undefined && ownership !== 'BucketOwnerEnforced') {
    throw notImplemented(`The object ownership ${ownership}`);
  }
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && acl !== 'private') throw aclNotSupported();
  if (Object.keys(headers).some((name) => name.startsWith('x-amz-grant-'))) throw aclNotSupported();
}

/** The Region of a new bucket: the one it is constrained to, which only us-east-1 lets be another than its own. */
function readRegion(constraint: string | undefined, endpointRegion: string): string {
  if (constraint === undefined || constraint === '') {
    if (endpointRegion === DEFAULT_REGION) return DEFAULT_REGION;
    throw illegalLocationConstraint('unspecified');
  }
  const region = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (region === DEFAULT_REGION || !REGION.test(region)) {
    throw new S3Error('InvalidLocationConstraint', 400, 'The specified location-constraint is not valid', {
      LocationConstraint: constraint,
    });
  }
  if (endpointRegion !== DEFAULT_REGION && endpointRegion !== region) throw illegalLocationConstraint(constraint);
  return region;
}

const illegalLocationConstraint = (constraint: string) =>
  new S3Error(
    'IllegalLocationConstraintException',
    400,
    `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
