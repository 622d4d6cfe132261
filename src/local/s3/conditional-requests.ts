import type { AwsCall } from '../aws/service.ts';
import { noSuchKey, notImplemented, preconditionFailed } from './errors.ts';
import type { ObjectRecord } from './records.ts';
import type { Precondition } from './stored-objects.ts';

type Outcome = 'OK' | 'NOT_MODIFIED';
type Validators = Pick<ObjectRecord, 'etag' | 'lastModifiedMillis'>;

/** The four headers of RFC 9110 §13, for reads under their own names and for the source of a copy with a prefix. */
interface ReadConditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifUnmodifiedSince?: string;
}

/**
 * Decides on a read of an object.
 * @throws S3Error `PreconditionFailed`
 */
export function checkReadConditions(call: AwsCall, object: Validators): Outcome {
  return check(
    {
      ifMatch: call.headers['if-match'],
      ifNoneMatch: call.headers['if-none-match'],
      ifModifiedSince: call.headers['if-modified-since'],
      ifUnmodifiedSince: call.headers['if-unmodified-since'],
    },
    object,
  );
}

/** Decides on the source of a copy: what a read would answer with 304 is a failed precondition here. */
export function checkCopySourceConditions(call: AwsCall, source: Validators): void {
  const conditions: ReadConditions = {
    ifMatch: call.headers['x-amz-copy-source-if-match'],
    ifNoneMatch: call.headers['x-amz-copy-source-if-none-match'],
    ifModifiedSince: call.headers['x-amz-copy-source-if-modified-since'],
    ifUnmodifiedSince: call.headers['x-amz-copy-source-if-unmodified-since'],
  };
  if (check(conditions, source) === 'NOT_MODIFIED') throw preconditionFailed('x-amz-copy-source-If-None-Match');
}

/**
 * What a write asks of the object that it replaces, to be decided while no other write can come between.
 * @throws S3Error `NotImplemented` for what S3 does not take either: `If-None-Match` with anything but `*`
 */
export function writePrecondition(call: AwsCall, key: string): Precondition {
  const ifMatch = call.headers['if-match'];
  const ifNoneMatch = call.headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw notImplemented('If-None-Match with an ETag on a write');
  return (current) => {
    if (ifNoneMatch !== undefined && current) throw preconditionFailed('If-None-Match');
    if (ifMatch === undefined) return;
    if (!current) throw noSuchKey(key);
    if (!listsEtag(ifMatch, current.etag)) throw preconditionFailed('If-Match');
  };
}

function check(conditions: ReadConditions, object: Validators): Outcome {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  const modifiedSeconds = Math.floor(object.lastModifiedMillis / 1000);
  if (ifMatch !== undefined) {
    if (!listsEtag(ifMatch, object.etag)) throw preconditionFailed('If-Match');
  } else if (ifUnmodifiedSince !== undefined && modifiedSeconds > secondsOf(ifUnmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return listsEtag(ifNoneMatch, object.etag) ? 'NOT_MODIFIED' : 'OK';
  return ifModifiedSince !== undefined && modifiedSeconds <= secondsOf(ifModifiedSince) ? 'NOT_MODIFIED' : 'OK';
}

/** Clients send ETags with and without quotes. */
const listsEtag = (header: string, etag: string) =>
  header.split(',').some((listed) => {
    const value = listed
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return value === '*' || value === etag;
  });

/** A date that cannot be read is a header that was not sent (RFC 9110 §13.1.3): NaN compares false. */
const secondsOf = (date: string) => Math.floor(Date.parse(date) / 1000);
