import type { ConditionContext } from '../aws/policy-conditions.ts';
import type { AwsCall, Caller } from '../aws/service.ts';
import { refusalBySession } from '../aws/session-policy.ts';
import { evaluatePolicy, isPublic, parsePolicy } from './bucket-policy.ts';
import { accessDenied } from './errors.ts';
import type { BucketRecord } from './records.ts';
import { parameter } from './request.ts';

export interface Access {
  readonly caller: Caller;
  /** Such as `s3:PutObject`. */
  readonly action: string;
  readonly bucket: BucketRecord;
  /** Absent for what is done to the bucket itself. */
  readonly key?: string;
  /** Condition values beside those of the caller and the bucket. */
  readonly context: ConditionContext;
}

/** Without these an owner could lock itself out for good: a Deny does not reach the root of the owner's account. */
const OWNER_ROOT_ACTIONS = new Set(['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy']);

/**
 * Lets the owner's account do everything that the bucket policy does not deny, and others only what it allows. There are
 * no identity policies on one machine: what a caller's own account would let it do is taken as granted. What the policy
 * of a role's session does not allow, the session may not, in its own account as elsewhere.
 * @throws S3Error `AccessDenied`
 */
export function authorize(access: Access): void {
  if (!isAllowed(access)) throw accessDenied(refusalText(access));
}

export function isAllowed(access: Access): boolean {
  const { caller, bucket, action } = access;
  if (refusalOfSession(access) !== null) return false;
  const isOwner = caller.accountId === bucket.ownerAccountId;
  if (isOwner && caller.type === 'Root' && OWNER_ROOT_ACTIONS.has(action)) return true;
  const decision = decide(access);
  return decision === 'ALLOW' || (isOwner && decision === 'NO_STATEMENT');
}

/** The expected owner of a request protects against a bucket that somebody else has meanwhile taken the name of. */
export function checkExpectedOwner(bucket: BucketRecord, expectedOwner: string | undefined): void {
  if (expectedOwner !== undefined && expectedOwner !== bucket.ownerAccountId) throw accessDenied();
}

/** What a policy may ask of a request. */
export function conditionContext(call: AwsCall): ConditionContext {
  const context: Record<string, string | undefined> = {
    'aws:sourceip': call.sourceIpAddress,
    'aws:useragent': call.headers['user-agent'],
    's3:prefix': call.query.get('prefix') ?? undefined,
    's3:delimiter': call.query.get('delimiter') ?? undefined,
    's3:max-keys': call.query.get('max-keys') ?? undefined,
  };
  for (const name of [
    'x-amz-acl',
    'x-amz-content-sha256',
    'x-amz-copy-source',
    'x-amz-metadata-directive',
    'x-amz-server-side-encryption',
    'x-amz-server-side-encryption-aws-kms-key-id',
    'x-amz-storage-class',
  ]) {
    context[`s3:${name}`] = parameter(call, name);
  }
  return context;
}

function decide(access: Access): ReturnType<typeof evaluatePolicy> {
  const { caller, action, bucket, key } = access;
  if (bucket.policy === undefined) return 'NO_STATEMENT';
  const policy = parsePolicy(bucket.policy, bucket.name);
  const decision = evaluatePolicy(policy, {
    caller,
    action,
    resourceArn: arnOf(bucket, key),
    context: valuesOf(access),
  });
  const isForeign = caller.accountId !== bucket.ownerAccountId;
  if (decision === 'ALLOW' && isForeign && bucket.publicAccessBlock?.restrictPublicBuckets && isPublic(policy)) {
    return 'NO_STATEMENT';
  }
  return decision;
}

/** What is done to no bucket yet, or to all: nobody's bucket policy has a say in it. */
export function authorizeSession(caller: Caller, action: string, resourceArn: string): void {
  const refusal = refusalBySession(caller, action, resourceArn);
  if (refusal !== null) throw accessDenied(refusal);
}

const refusalOfSession = (access: Access): string | null =>
  refusalBySession(access.caller, access.action, arnOf(access.bucket, access.key), valuesOf(access));

/** S3 tells the particulars only to the bucket's own account. */
function refusalText(access: Access): string {
  const { caller, bucket, action, key } = access;
  if (caller.accountId !== bucket.ownerAccountId) return 'Access Denied';
  const refusal = refusalOfSession(access);
  if (refusal !== null) return refusal;
  return `User: ${caller.arn} is not authorized to perform: ${action} on resource: "${arnOf(bucket, key)}" with an explicit deny in a resource-based policy`;
}

const valuesOf = ({ caller, bucket, context }: Access): ConditionContext => ({
  ...context,
  'aws:principalaccount': caller.accountId,
  'aws:principalarn': caller.sessionIssuer?.arn ?? caller.arn,
  'aws:principaltype': caller.type === 'Root' ? 'Account' : caller.type === 'IAMUser' ? 'User' : 'AssumedRole',
  'aws:userid': caller.principalId,
  'aws:username': caller.type === 'IAMUser' ? caller.userName : undefined,
  'aws:sourceidentity': caller.sourceIdentity,
  'aws:resourceaccount': bucket.ownerAccountId,
  's3:resourceaccount': bucket.ownerAccountId,
  // Loopback never leaves the machine; and a bucket's real policy, which denies plain HTTP, can be tried here.
  'aws:securetransport': 'true',
});

const arnOf = (bucket: BucketRecord, key: string | undefined) =>
  key === undefined ? `arn:aws:s3:::${bucket.name}` : `arn:aws:s3:::${bucket.name}/${key}`;
