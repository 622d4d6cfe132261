import { XMLBuilder } from 'fast-xml-parser';
import { queryError } from './query-protocol.ts';
import type { Protocol } from './wire.ts';

/** Why the endpoint itself turned a request away, before or beside the service it was meant for. */
export type RefusalReason =
  | 'MissingCredentials'
  | 'IncompleteSignature'
  | 'UnsupportedSignature'
  | 'UnknownService'
  | 'UnknownAccessKey'
  | 'InvalidSessionToken'
  | 'ExpiredSessionToken'
  | 'SignatureMismatch'
  | 'HeadersNotSigned'
  | 'RequestTimeSkewed'
  | 'PresignedUrlExpired'
  | 'BodyTooLarge'
  | 'Throttled'
  | 'Unavailable'
  | 'InternalFailure';

/** Thrown by the steps of the endpoint and answered in the form of the service's protocol. */
export class Refusal extends Error {
  constructor(
    readonly reason: RefusalReason,
    /** Replaces the protocol's standard text where a reason has details to tell. */
    readonly explanation?: string,
    /** Further elements of S3's XML error. */
    readonly details: Readonly<Record<string, string | number>> = {},
  ) {
    super(explanation ?? reason);
    this.name = 'Refusal';
  }
}

interface Wording {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const INVALID_TOKEN = 'The security token included in the request is invalid.';
const EXPIRED_TOKEN = 'The security token included in the request is expired';
const INTERNAL =
  'We encountered an internal error. Please try again. The cause is in the log of the process that serves this endpoint.';
const UNAVAILABLE = 'The service is unavailable: the faults file of this endpoint says so.';
const NOT_SERVED = 'This endpoint serves dynamodb, s3, cloudtrail, sts and events.';

type Form = 'json' | 'query' | 's3';

/** AWS's own codes, statuses and texts: they differ by protocol, and clients decide on retries by them. */
const WORDINGS: Readonly<Record<RefusalReason, Readonly<Record<Form, Wording>>>> = {
  MissingCredentials: {
    json: wording(400, 'MissingAuthenticationTokenException', 'Request is missing Authentication Token'),
    query: wording(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token'),
    s3: wording(403, 'AccessDenied', 'Access Denied'),
  },
  IncompleteSignature: {
    json: wording(400, 'IncompleteSignatureException', 'The request signature is incomplete.'),
    query: wording(403, 'IncompleteSignature', 'The request signature is incomplete.'),
    s3: wording(400, 'AuthorizationHeaderMalformed', 'The authorization header is malformed.'),
  },
  UnsupportedSignature: {
    json: wording(400, 'IncompleteSignatureException', 'Unsupported algorithm: only AWS4-HMAC-SHA256 is accepted.'),
    query: wording(403, 'IncompleteSignature', 'Unsupported algorithm: only AWS4-HMAC-SHA256 is accepted.'),
    s3: wording(
      400,
      'InvalidRequest',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    ),
  },
  UnknownService: {
    json: wording(400, 'UnknownServiceException', NOT_SERVED),
    query: wording(400, 'UnknownService', NOT_SERVED),
    s3: wording(400, 'UnknownService', NOT_SERVED),
  },
  UnknownAccessKey: {
    json: wording(400, 'UnrecognizedClientException', INVALID_TOKEN),
    query: wording(403, 'InvalidClientTokenId', INVALID_TOKEN),
    s3: wording(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'),
  },
  InvalidSessionToken: {
    json: wording(400, 'UnrecognizedClientException', INVALID_TOKEN),
    query: wording(403, 'InvalidClientTokenId', INVALID_TOKEN),
    s3: wording(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.'),
  },
  ExpiredSessionToken: {
    json: wording(400, 'ExpiredTokenException', EXPIRED_TOKEN),
    query: wording(403, 'ExpiredToken', EXPIRED_TOKEN),
    s3: wording(400, 'ExpiredToken', 'The provided token has expired.'),
  },
  SignatureMismatch: {
    json: wording(400, 'InvalidSignatureException', MISMATCH),
    query: wording(403, 'SignatureDoesNotMatch', MISMATCH),
    s3: wording(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    ),
  },
  HeadersNotSigned: {
    json: wording(400, 'InvalidSignatureException', MISMATCH),
    query: wording(403, 'SignatureDoesNotMatch', MISMATCH),
    s3: wording(403, 'AccessDenied', 'There were headers present in the request which were not signed'),
  },
  RequestTimeSkewed: {
    json: wording(400, 'InvalidSignatureException', 'Signature expired.'),
    query: wording(403, 'SignatureDoesNotMatch', 'Signature expired.'),
    s3: wording(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    ),
  },
  PresignedUrlExpired: {
    json: wording(400, 'InvalidSignatureException', 'Signature expired.'),
    query: wording(403, 'SignatureDoesNotMatch', 'Signature expired.'),
    s3: wording(403, 'AccessDenied', 'Request has expired'),
  },
  BodyTooLarge: {
    json: wording(413, 'RequestEntityTooLargeException', 'The request is larger than 16 MiB.'),
    query: wording(413, 'RequestEntityTooLarge', 'The request is larger than 16 MiB.'),
    s3: wording(413, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size'),
  },
  Throttled: {
    json: wording(400, 'ThrottlingException', 'Rate exceeded'),
    query: wording(400, 'Throttling', 'Rate exceeded'),
    s3: wording(503, 'SlowDown', 'Please reduce your request rate.'),
  },
  Unavailable: {
    json: wording(500, 'InternalServerError', UNAVAILABLE),
    query: wording(503, 'ServiceUnavailable', UNAVAILABLE),
    s3: wording(503, 'ServiceUnavailable', 'Please reduce your request rate.'),
  },
  InternalFailure: {
    json: wording(500, 'InternalServerError', INTERNAL),
    query: wording(500, 'InternalFailure', INTERNAL),
    s3: wording(500, 'InternalError', INTERNAL),
  },
};

function wording(status: number, code: string, message: string): Wording {
  return { status, code, message };
}

/** What a client is sent for a refusal, with the code and message that CloudTrail records. */
interface RefusalReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly errorCode: string;
  readonly errorMessage: string;
}

const xml = new XMLBuilder();

export function replyToRefusal(refusal: Refusal, protocol: Protocol, requestId: string): RefusalReply {
  const form: Form = protocol === 'query' ? 'query' : protocol === 'rest-xml' ? 's3' : 'json';
  const { status, code, message: standard } = WORDINGS[refusal.reason][form];
  // S3 says the standard sentence and puts the particulars into elements of their own.
  const message =
    form === 's3' && Object.keys(refusal.details).length > 0 ? standard : (refusal.explanation ?? standard);
  return { status, errorCode: code, errorMessage: message, ...write() };

  function write(): Pick<RefusalReply, 'headers' | 'body'> {
    switch (protocol) {
      case 'json-1.0':
      case 'json-1.1':
        return {
          headers: { 'content-type': `application/x-amz-${protocol}` },
          body: JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message }),
        };
      case 'query':
        return { headers: { 'content-type': 'text/xml' }, body: queryError(code, message, requestId, status) };
      case 'rest-xml':
        return {
          headers: { 'content-type': 'application/xml' },
          body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml.build({
            Error: { Code: code, Message: message, ...refusal.details, RequestId: requestId, HostId: 'outport' },
          })}`,
        };
      default:
        return protocol satisfies never;
    }
  }
}
