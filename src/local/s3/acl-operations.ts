import { aclNotSupported } from './object-description.ts';
import { type Operation, readsBucket, readsObject, writesBucket, writesObject } from './operation.ts';
import { ownerOf } from './owner.ts';
import { missing } from './read-operations.ts';
import type { BucketRecord } from './records.ts';
import { type S3Reply, xmlReply } from './reply.ts';
import type { BucketRequest, ObjectRequest } from './request.ts';
import type { S3 } from './s3.ts';
import type { XmlObject } from './xml.ts';

/** ACLs are off, as in new buckets: the owner has full control, and nothing else can be put. */
export const ACL_OPERATIONS: readonly Operation[] = [
  { ...readsBucket, ...acl('GetBucketAcl', 'GET'), perform: async ({ bucket }: BucketRequest) => ownersAcl(bucket) },
  { ...writesBucket, ...acl('PutBucketAcl', 'PUT'), perform: refuseAcl },
  { ...readsObject, ...acl('GetObjectAcl', 'GET'), perform: getObjectAcl },
  { ...writesObject, ...acl('PutObjectAcl', 'PUT'), perform: refuseAcl },
];

function acl<M extends 'GET' | 'PUT'>(name: string, method: M) {
  return { name, method, query: ['acl'], actions: [`s3:${name}`] };
}

const ownersAcl = ({ ownerAccountId }: BucketRecord): S3Reply =>
  xmlReply('AccessControlPolicy', {
    Owner: ownerOf(ownerAccountId),
    AccessControlList: { Grant: { Grantee: canonicalUser(ownerAccountId), Permission: 'FULL_CONTROL' } },
  });

const canonicalUser = (accountId: string): XmlObject => ({
  '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
  '@xsi:type': 'CanonicalUser',
  ...ownerOf(accountId),
});

async function getObjectAcl(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  if (!(await s3.objects.find(request.bucket.name, request.key))) throw missing(request);
  return ownersAcl(request.bucket);
}

async function refuseAcl(): Promise<S3Reply> {
  throw aclNotSupported();
}
