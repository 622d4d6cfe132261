import { invalidArgument, invalidRequest } from './errors.ts';
import { checksumElements } from './object-headers.ts';
import { type Operation, readsObject } from './operation.ts';
import { missing } from './read-operations.ts';
import type { ObjectRecord } from './records.ts';
import { type S3Reply, xmlReply } from './reply.ts';
import { type ObjectRequest, parameter, wholeNumber } from './request.ts';
import type { S3 } from './s3.ts';
import type { XmlObject } from './xml.ts';

const PARTS_MAX = 1000;
const ATTRIBUTES = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

export const OBJECT_ATTRIBUTES_OPERATIONS: readonly Operation[] = [
  {
    ...readsObject,
    name: 'GetObjectAttributes',
    method: 'GET',
    query: ['attributes'],
    actions: ['s3:GetObject', 's3:GetObjectAttributes'],
    perform: getObjectAttributes,
  },
];

async function getObjectAttributes(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const wanted = (parameter(request.call, 'x-amz-object-attributes') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (wanted.length === 0) throw invalidRequest('The x-amz-object-attributes header is required.');
  const unknown = wanted.find((name) => !ATTRIBUTES.includes(name));
  if (unknown !== undefined) throw invalidArgument('Invalid attribute name specified.', 'AttributeName', unknown);
  const object = await s3.objects.find(request.bucket.name, request.key);
  if (!object) throw missing(request);
  const has = (name: string) => wanted.includes(name);
  return xmlReply(
    'GetObjectAttributesResponse',
    {
      ETag: has('ETag') ? object.etag : undefined,
      Checksum: has('Checksum') && object.checksum ? checksumElements(object.checksum) : undefined,
      ObjectParts: has('ObjectParts') && object.parts ? partsOf(request, object) : undefined,
      StorageClass: has('StorageClass') ? object.storageClass : undefined,
      ObjectSize: has('ObjectSize') ? object.sizeBytes : undefined,
    },
    { 'last-modified': new Date(object.lastModifiedMillis).toUTCString() },
  );
}

function partsOf({ call }: ObjectRequest, { parts = [], checksum }: ObjectRecord): XmlObject {
  const marker = wholeNumber(parameter(call, 'x-amz-part-number-marker'), 'x-amz-part-number-marker', 0);
  const max = Math.min(wholeNumber(parameter(call, 'x-amz-max-parts'), 'x-amz-max-parts', PARTS_MAX), PARTS_MAX);
  const following = parts.filter(({ number }) => number > marker);
  const page = following.slice(0, max);
  return {
    PartsCount: parts.length,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: max,
    IsTruncated: page.length < following.length,
    Part: page.map((part) => ({
      PartNumber: part.number,
      Size: part.sizeBytes,
      ...(checksum && part.checksum !== undefined && { [`Checksum${checksum.algorithm}`]: part.checksum }),
    })),
  };
}
