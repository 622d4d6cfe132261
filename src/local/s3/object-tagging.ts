import { noSuchKey } from './errors.ts';
import { type Operation, readsObject, writesObject } from './operation.ts';
import { receiveDocument } from './payload.ts';
import { missing } from './read-operations.ts';
import type { Tag } from './records.ts';
import { emptyReply, type S3Reply, xmlReply } from './reply.ts';
import type { ObjectRequest } from './request.ts';
import type { S3 } from './s3.ts';
import { OBJECT_TAGS_MAX, parseTaggingXml, tagSet } from './tags.ts';

const query = ['tagging'];

export const OBJECT_TAGGING_OPERATIONS: readonly Operation[] = [
  { ...readsObject, name: 'GetObjectTagging', method: 'GET', query, actions: ['s3:GetObjectTagging'], perform: get },
  { ...writesObject, name: 'PutObjectTagging', method: 'PUT', query, actions: ['s3:PutObjectTagging'], perform: put },
  {
    ...writesObject,
    name: 'DeleteObjectTagging',
    method: 'DELETE',
    query,
    actions: ['s3:DeleteObjectTagging'],
    perform: remove,
  },
];

async function get(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const object = await s3.objects.find(request.bucket.name, request.key);
  if (!object) throw missing(request);
  return xmlReply('Tagging', tagSet(object.tags));
}

async function put(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  await replaceTags(request, parseTaggingXml(await receiveDocument(request.call), OBJECT_TAGS_MAX), s3);
  return emptyReply(200);
}

async function remove(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  await replaceTags(request, [], s3);
  return emptyReply(204);
}

async function replaceTags({ bucket, key }: ObjectRequest, tags: Tag[], s3: S3): Promise<void> {
  const updated = await s3.objects.update(bucket.name, key, (object) => ({ ...object, tags }));
  if (!updated) throw noSuchKey(key);
}
