import type { S3Reply } from './reply.ts';
import type { BucketRequest, NewBucketRequest, ObjectRequest, ServiceRequest } from './request.ts';
import type { S3 } from './s3.ts';

/** What a request is addressed to. */
export type Level = 'service' | 'bucket' | 'object';

interface Common {
  /** The API name, such as `PutObject`. */
  readonly name: string;
  /** What CloudTrail calls it, where that differs. */
  readonly eventName?: string;
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Query parameters that tell it from others of the same method. */
  readonly query?: readonly string[];
  /** A header that tells it from others of the same method. */
  readonly header?: string;
  readonly readOnly: boolean;
  /** Whether CloudTrail has it as a management event; data events are those on objects and lists of objects. */
  readonly management: boolean;
}

/** An operation of the REST API: how a request for it is told, what it needs, and what it does. */
export type Operation =
  | (Common & { readonly scope: 'service'; perform(request: ServiceRequest, s3: S3): Promise<S3Reply> })
  | (Common & { readonly scope: 'newBucket'; perform(request: NewBucketRequest, s3: S3): Promise<S3Reply> })
  | (Common & {
      readonly scope: 'bucket';
      /** The IAM actions that the caller must be allowed. */
      readonly actions: readonly string[];
      perform(request: BucketRequest, s3: S3): Promise<S3Reply>;
    })
  | (Common & {
      readonly scope: 'object';
      readonly actions: readonly string[];
      perform(request: ObjectRequest, s3: S3): Promise<S3Reply>;
    });

export const readsObject = { scope: 'object', readOnly: true, management: false } as const;
export const writesObject = { scope: 'object', readOnly: false, management: false } as const;
export const readsBucket = { scope: 'bucket', readOnly: true, management: true } as const;
export const writesBucket = { scope: 'bucket', readOnly: false, management: true } as const;
