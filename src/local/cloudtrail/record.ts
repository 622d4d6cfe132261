import type { ServedCall } from '../aws/recorder.ts';
import type { Caller } from '../aws/service.ts';

/** A CloudTrail record, eventVersion 1.11, with the fields that apply to a call on one machine. */
export interface CloudTrailRecord {
  readonly eventVersion: '1.11';
  readonly userIdentity: UserIdentity;
  /** ISO 8601 in whole seconds, `Z`. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters?: Readonly<Record<string, unknown>> | null;
  readonly responseElements?: Readonly<Record<string, unknown>> | null;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: ReadonlyArray<{ readonly accountId?: string; readonly type: string; readonly ARN: string }>;
  readonly eventType: 'AwsApiCall';
  readonly apiVersion?: string;
  readonly managementEvent: boolean;
  readonly recipientAccountId: string;
  readonly eventCategory: 'Management' | 'Data';
}

interface UserIdentity {
  /** `Unknown` when credentials were named and not believed, `AWSAccount` with the account `anonymous` when there were none. */
  readonly type: Caller['type'] | 'Unknown' | 'AWSAccount';
  readonly principalId?: string;
  readonly arn?: string;
  readonly accountId?: string;
  readonly accessKeyId?: string;
  readonly userName?: string;
  readonly sessionContext?: {
    readonly sessionIssuer: {
      readonly type: 'Role';
      readonly principalId: string;
      readonly arn: string;
      readonly accountId: string;
      readonly userName: string;
    };
    readonly attributes: { readonly creationDate?: string; readonly mfaAuthenticated: 'false' };
    readonly sourceIdentity?: string;
  };
}

/** CloudTrail's limits: longer texts are cut, larger structures are left out. */
const TEXT_LENGTH_MAX = 1024;
const STRUCTURE_LENGTH_MAX = 100 * 1024;

/** Writes the record of a call. */
export function recordOf(call: ServedCall, eventID: string): CloudTrailRecord {
  const { event } = call;
  return {
    eventVersion: '1.11',
    userIdentity: userIdentityOf(call),
    eventTime: new Date(call.timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    eventSource: call.eventSource,
    eventName: event.eventName,
    awsRegion: call.region,
    sourceIPAddress: call.sourceIpAddress,
    userAgent: call.userAgent?.slice(0, TEXT_LENGTH_MAX),
    errorCode: event.errorCode?.slice(0, TEXT_LENGTH_MAX),
    errorMessage: event.errorMessage?.slice(0, TEXT_LENGTH_MAX),
    requestParameters: unlessTooLarge(event.requestParameters ?? null),
    responseElements: unlessTooLarge(event.responseElements ?? null),
    requestID: call.requestId,
    eventID,
    readOnly: event.readOnly,
    resources: event.resources?.map(({ accountId, type, ARN }) => ({ accountId, type, ARN })),
    eventType: 'AwsApiCall',
    apiVersion: call.apiVersion,
    managementEvent: event.managementEvent,
    recipientAccountId: call.recipientAccountId,
    eventCategory: event.managementEvent ? 'Management' : 'Data',
  };
}

function userIdentityOf({ caller, accessKeyId }: ServedCall): UserIdentity {
  if (!caller) {
    return accessKeyId === undefined
      ? { type: 'AWSAccount', principalId: '', accountId: 'anonymous' }
      : { type: 'Unknown', accessKeyId };
  }
  const { type, principalId, arn, accountId, sessionIssuer } = caller;
  const identity = { type, principalId, arn, accountId, accessKeyId: caller.accessKeyId };
  if (!sessionIssuer) return { ...identity, userName: caller.userName };
  return {
    ...identity,
    sessionContext: {
      sessionIssuer: { type: 'Role', accountId, ...sessionIssuer },
      attributes: { creationDate: caller.sessionCreationDate, mfaAuthenticated: 'false' },
      sourceIdentity: caller.sourceIdentity,
    },
  };
}

function unlessTooLarge<T>(structure: T): T | undefined {
  return JSON.stringify(structure).length > STRUCTURE_LENGTH_MAX ? undefined : structure;
}
