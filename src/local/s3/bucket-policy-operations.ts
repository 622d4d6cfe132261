import { isPublic, parsePolicy } from './bucket-policy.ts';
import { accessDenied, notConfigured } from './errors.ts';
import { type Operation, readsBucket, writesBucket } from './operation.ts';
import { receiveDocument } from './payload.ts';
import { emptyReply, type S3Reply, xmlReply } from './reply.ts';
import type { BucketRequest } from './request.ts';
import type { S3 } from './s3.ts';

const query = ['policy'];

export const BUCKET_POLICY_OPERATIONS: readonly Operation[] = [
  { ...readsBucket, name: 'GetBucketPolicy', method: 'GET', query, actions: ['s3:GetBucketPolicy'], perform: get },
  { ...writesBucket, name: 'PutBucketPolicy', method: 'PUT', query, actions: ['s3:PutBucketPolicy'], perform: put },
  {
    ...writesBucket,
    name: 'DeleteBucketPolicy',
    method: 'DELETE',
    query,
    actions: ['s3:DeleteBucketPolicy'],
    perform: remove,
  },
  {
    ...readsBucket,
    name: 'GetBucketPolicyStatus',
    method: 'GET',
    query: ['policyStatus'],
    actions: ['s3:GetBucketPolicyStatus'],
    perform: getStatus,
  },
];

async function get({ bucket }: BucketRequest): Promise<S3Reply> {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: policyOf(bucket) };
}

async function put({ call, bucket }: BucketRequest, s3: S3): Promise<S3Reply> {
  const policy = await receiveDocument(call);
  const parsed = parsePolicy(policy, bucket.name);
  if (bucket.publicAccessBlock?.blockPublicPolicy && isPublic(parsed)) {
    throw accessDenied(
      `User: ${call.caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${bucket.name}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
    );
  }
  await s3.buckets.update(bucket.name, (current) => ({ ...current, policy }));
  return emptyReply(204);
}

async function remove({ bucket }: BucketRequest, s3: S3): Promise<S3Reply> {
  await s3.buckets.update(bucket.name, ({ policy: _, ...rest }) => rest);
  return emptyReply(204);
}

async function getStatus({ bucket }: BucketRequest): Promise<S3Reply> {
  return xmlReply('PolicyStatus', { IsPublic: isPublic(parsePolicy(policyOf(bucket), bucket.name)) });
}

function policyOf({ name, policy }: BucketRequest['bucket']): string {
  if (policy !== undefined) return policy;
  throw notConfigured('NoSuchBucketPolicy', 'The bucket policy does not exist', name);
}
