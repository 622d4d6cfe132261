import type { CallEvent, Caller } from './service.ts';

/** One call as it was served, for CloudTrail: what the service said of it, and who, when and where from. */
export interface ServedCall {
  readonly requestId: string;
  /** When the request arrived. */
  readonly timeMs: number;
  readonly region: string;
  readonly eventSource: string;
  readonly apiVersion?: string;
  readonly sourceIpAddress: string;
  readonly userAgent?: string;
  /** Missing when the credentials were not there or not believed. */
  readonly caller?: Caller;
  /** The access key id that the request named, believed or not. */
  readonly accessKeyId?: string;
  /** The account whose trail the record belongs to. */
  readonly recipientAccountId: string;
  readonly event: CallEvent;
}

/** Keeps records of calls. */
export interface CallRecorder {
  /** Resolves when a lookup would find the record. */
  record(call: ServedCall): Promise<void>;
}
