import type { Readable } from 'node:stream';

/** Who signed a call, as CloudTrail's `userIdentity` and STS GetCallerIdentity name it. */
export interface Caller {
  readonly type: 'Root' | 'IAMUser' | 'AssumedRole';
  /** The 12-digit account the credentials belong to. */
  readonly accountId: string;
  readonly arn: string;
  readonly principalId: string;
  readonly accessKeyId: string;
  readonly userName?: string;
  /** Set for `AssumedRole`: the role behind the session. */
  readonly sessionIssuer?: { readonly arn: string; readonly principalId: string; readonly userName: string };
  /** When the role was assumed, ISO 8601 in whole seconds. */
  readonly sessionCreationDate?: string;
  /** The person on whose behalf a role was assumed (STS `SourceIdentity`). */
  readonly sourceIdentity?: string;
  /** The inline policy that the session of a role is held to, if it was assumed with one. */
  readonly sessionPolicy?: string;
}

/** One request to the endpoint, after its credentials were read and, when asked for, its signature verified. */
export interface AwsCall {
  readonly requestId: string;
  /** From the credential scope of the signature. */
  readonly region: string;
  readonly caller: Caller;
  readonly method: string;
  /** The raw request path, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The Host header, which names the bucket in virtual-hosted requests. */
  readonly host: string;
  readonly sourceIpAddress: string;
  /** The body as it arrives. Services other than S3 use `readBody`: the endpoint has bounded theirs to 16 MiB. */
  readonly body: Readable;
}

/** What CloudTrail is told of a call. The endpoint adds who, when, where from, and the request id. */
export interface CallEvent {
  /** The API name, such as `PutItem`. */
  readonly eventName: string;
  readonly readOnly: boolean;
  /** False for data events (items, objects). */
  readonly managementEvent: boolean;
  readonly requestParameters?: Readonly<Record<string, unknown>> | null;
  readonly responseElements?: Readonly<Record<string, unknown>> | null;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly resources?: ReadonlyArray<{ readonly ARN: string; readonly accountId?: string; readonly type: string }>;
}

export interface AwsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array | Readable;
  readonly event: CallEvent;
}

/** One AWS service of the embedded data plane. The endpoint records `reply.event`, then sends the reply. */
export interface AwsService {
  /** CloudTrail's `eventSource`, such as `dynamodb.amazonaws.com`. */
  readonly eventSource: string;
  /** Answers every call, domain errors included; a throw is a bug and becomes a 500. */
  handle(call: AwsCall): Promise<AwsReply>;
}
