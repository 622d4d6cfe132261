import type { AwsCall } from '../aws/service.ts';
import { conditionContext, isAllowed } from './authorization.ts';
import { type ByteRange, parseRange } from './byte-range.ts';
import { checkReadConditions } from './conditional-requests.ts';
import { accessDenied, invalidArgument, invalidRequest, noSuchKey } from './errors.ts';
import { refuseUnsupportedHeaders } from './object-description.ts';
import { checksumHeaders, objectHeaders, validators } from './object-headers.ts';
import { S3Error } from './object-store.ts';
import { type Operation, readsObject } from './operation.ts';
import type { ObjectRecord } from './records.ts';
import { emptyReply, type S3Reply } from './reply.ts';
import { type ObjectRequest, parameter } from './request.ts';
import type { S3 } from './s3.ts';

export const READ_OPERATIONS: readonly Operation[] = [
  { ...readsObject, name: 'GetObject', method: 'GET', actions: ['s3:GetObject'], perform: getObject },
  { ...readsObject, name: 'HeadObject', method: 'HEAD', actions: ['s3:GetObject'], perform: headObject },
];

/** A GET may replace these headers of the answer by `response-…` query parameters. */
const OVERRIDABLE_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

async function getObject(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const opened = await s3.objects.open(request.bucket.name, request.key);
  if (!opened) throw missing(request);
  const { object, handle } = opened;
  let streaming = false;
  try {
    const answer = prepare(request.call, object);
    if (answer.reply.status === 304 || answer.sizeBytes === 0) return answer.reply;
    streaming = true;
    return { ...answer.reply, body: handle.createReadStream({ start: answer.first, end: answer.last }) };
  } finally {
    if (!streaming) await handle.close();
  }
}

async function headObject(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const object = await s3.objects.find(request.bucket.name, request.key);
  if (!object) throw missing(request);
  return prepare(request.call, object).reply;
}

/** Whoever may not list the bucket is not told whether a key exists. */
export function missing({ call, bucket, key }: ObjectRequest): S3Error {
  const mayList = isAllowed({ caller: call.caller, action: 's3:ListBucket', bucket, context: conditionContext(call) });
  return mayList ? noSuchKey(key) : accessDenied();
}

interface Answer extends ByteRange {
  readonly reply: S3Reply;
  readonly sizeBytes: number;
}

/** Everything of the answer to a GET or HEAD but the bytes. */
function prepare(call: AwsCall, object: ObjectRecord): Answer {
  refuseUnsupportedHeaders(call);
  if (checkReadConditions(call, object) === 'NOT_MODIFIED') {
    return { reply: emptyReply(304, validators(object)), ...NO_BYTES };
  }
  const part = readPart(call, object);
  const range = part ?? parseRange(call.headers.range, object.sizeBytes);
  const { first, last } = range ?? { first: 0, last: object.sizeBytes - 1 };
  const sizeBytes = last - first + 1;
  const withChecksum = parameter(call, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  const headers = {
    ...objectHeaders(object),
    ...overrides(call),
    ...(withChecksum && (part ? partChecksum(object, part.number) : range ? {} : checksumHeaders(object.checksum))),
    ...(range && { 'content-range': `bytes ${first}-${last}/${object.sizeBytes}` }),
    ...(part && object.parts && { 'x-amz-mp-parts-count': object.parts.length }),
    'content-length': sizeBytes,
  };
  return { reply: emptyReply(range ? 206 : 200, headers), first, last, sizeBytes };
}

const NO_BYTES = { first: 0, last: -1, sizeBytes: 0 };

function overrides(call: AwsCall): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of OVERRIDABLE_HEADERS) {
    const value = call.query.get(`response-${name}`);
    if (value !== null) headers[name] = value;
  }
  return headers;
}

/** The bytes of one part of an object that was uploaded in parts; any other object is its own part 1. */
function readPart(call: AwsCall, object: ObjectRecord): (ByteRange & { number: number }) | undefined {
  const asked = call.query.get('partNumber');
  if (asked === null) return undefined;
  if (call.headers.range !== undefined) {
    throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  }
  const number = Number(asked);
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', asked);
  }
  const parts = object.parts ?? [{ number: 1, sizeBytes: object.sizeBytes }];
  const index = number - 1;
  const part = parts[index];
  if (!part) {
    throw new S3Error('InvalidPartNumber', 416, 'The requested partnumber is not satisfiable', {
      PartNumberRequested: asked,
      ActualPartCount: String(parts.length),
    });
  }
  const first = parts.slice(0, index).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  // An empty object has a part, but no range to tell of.
  return part.sizeBytes === 0 ? undefined : { number, first, last: first + part.sizeBytes - 1 };
}

function partChecksum(object: ObjectRecord, number: number): Record<string, string> {
  if (!object.parts) return checksumHeaders(object.checksum);
  const value = object.parts[number - 1]?.checksum;
  return object.checksum && value !== undefined ? checksumHeaders({ ...object.checksum, value }) : {};
}
