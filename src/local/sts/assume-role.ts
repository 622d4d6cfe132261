import { createHash } from 'node:crypto';
import { PolicyError } from '../aws/policy-statement.ts';
import type { Caller } from '../aws/service.ts';
import { parseSessionPolicy } from '../aws/session-policy.ts';
import { base32 } from './base32.ts';
import { StsError, validationError } from './errors.ts';
import type { RoleSession, SessionTerms } from './sessions.ts';

const DURATION_SECONDS_DEFAULT = 3600;
const DURATION_SECONDS_MIN = 900;
const DURATION_SECONDS_MAX = 43_200;
/** AWS holds a session that was assumed from another session to an hour. */
const CHAINED_DURATION_SECONDS_MAX = 3600;
const TAGS_MAX = 50;
const POLICY_CHARACTERS_MAX = 2048;

/**
 * Decides an AssumeRole.
 *
 * There is no IAM here: any caller may assume any role of any account, whether or not somebody "created" it, and even a
 * root user may, because every permanent key of the embedded data plane is one. The session is held to the policy that it
 * is assumed with (`session-policy.ts`). Tags and external id are kept with it and shown by CloudTrail, and decide nothing.
 * @throws StsError with AWS's texts for parameters that AWS would refuse
 */
export function assumeRole(parameters: URLSearchParams, caller: Caller, nowMs: number): RoleSession {
  const roleArn = need(parameters, 'RoleArn', { lengthMin: 20, lengthMax: 2048 });
  const sessionName = need(parameters, 'RoleSessionName', NAME);
  const sourceIdentity = sourceIdentityOf(parameters, caller);
  const role = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:[\x21-\x7e]*\/)?([\w+=,.@-]{1,64})$/.exec(roleArn);
  const [, accountId, roleName] = role ?? [];
  if (!accountId || !roleName) throw validationError(`${roleArn} is invalid`);
  const durationSeconds = durationOf(parameters, caller);
  const policy = parameters.get('Policy');
  const roleId = roleIdOf(roleArn);
  return {
    caller: {
      type: 'AssumedRole',
      accountId,
      arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
      principalId: `${roleId}:${sessionName}`,
      userName: sessionName,
      sessionIssuer: { arn: roleArn, principalId: roleId, userName: roleName },
      sessionCreationDate: new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      ...(sourceIdentity !== undefined && { sourceIdentity }),
      ...(policy !== null && { sessionPolicy: checkedPolicy(policy) }),
    },
    expiresAtMs: nowMs + durationSeconds * 1000,
    terms: termsOf(parameters),
  };
}

interface Constraint {
  readonly lengthMin: number;
  readonly lengthMax: number;
  readonly pattern?: RegExp;
}

const NAME: Constraint = { lengthMin: 2, lengthMax: 64, pattern: /^[\w+=,.@-]*$/ };
const EXTERNAL_ID: Constraint = { lengthMin: 2, lengthMax: 1224, pattern: /^[\w+=,.@:/-]*$/ };

function need(parameters: URLSearchParams, name: string, constraint: Constraint): string {
  const value = take(parameters, name, constraint);
  if (value === undefined) throw unsatisfied(name, 'null', 'Member must not be null');
  return value;
}

function take(parameters: URLSearchParams, name: string, constraint: Constraint): string | undefined {
  const value = parameters.get(name);
  if (value === null) return undefined;
  const { lengthMin, lengthMax, pattern } = constraint;
  if (value.length < lengthMin) {
    throw unsatisfied(name, `'${value}'`, `Member must have length greater than or equal to ${lengthMin}`);
  }
  if (value.length > lengthMax) {
    throw unsatisfied(name, `'${value}'`, `Member must have length less than or equal to ${lengthMax}`);
  }
  if (pattern && !pattern.test(value)) {
    const source = pattern.source.slice(1, -1);
    throw unsatisfied(name, `'${value}'`, `Member must satisfy regular expression pattern: ${source}`);
  }
  return value;
}

function durationOf(parameters: URLSearchParams, caller: Caller): number {
  const text = parameters.get('DurationSeconds');
  if (text === null) return DURATION_SECONDS_DEFAULT;
  if (!/^-?\d{1,10}$/.test(text)) {
    throw new StsError('MalformedInput', 400, `'${text}' at 'DurationSeconds' is not an integer`);
  }
  const seconds = Number(text);
  if (seconds < DURATION_SECONDS_MIN) {
    const bound = `Member must have value greater than or equal to ${DURATION_SECONDS_MIN}`;
    throw unsatisfied('DurationSeconds', `'${text}'`, bound);
  }
  if (seconds > DURATION_SECONDS_MAX) {
    const bound = `Member must have value less than or equal to ${DURATION_SECONDS_MAX}`;
    throw unsatisfied('DurationSeconds', `'${text}'`, bound);
  }
  if (caller.type === 'AssumedRole' && seconds > CHAINED_DURATION_SECONDS_MAX) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  return seconds;
}

/** Once set, a source identity stays with every session that is assumed from the first. */
function sourceIdentityOf(parameters: URLSearchParams, caller: Caller): string | undefined {
  const asked = take(parameters, 'SourceIdentity', NAME);
  if (asked?.toLowerCase().startsWith('aws:')) throw validationError('SourceIdentity must not begin with aws:');
  if (asked !== undefined && caller.sourceIdentity !== undefined && asked !== caller.sourceIdentity) {
    throw new StsError(
      'AccessDenied',
      403,
      `User: ${caller.arn} is not authorized to perform: sts:SetSourceIdentity: the session already has the source identity '${caller.sourceIdentity}'`,
    );
  }
  return asked ?? caller.sourceIdentity;
}

function termsOf(parameters: URLSearchParams): SessionTerms {
  const tags = tagsIn(parameters);
  const tagCount = Object.keys(tags).length;
  if (tagCount > TAGS_MAX) {
    throw unsatisfied('Tags', `${tagCount} members`, `Member must have length less than or equal to ${TAGS_MAX}`);
  }
  const policyArns: string[] = [];
  for (let index = 1; parameters.has(`PolicyArns.member.${index}.arn`); index++) {
    policyArns.push(parameters.get(`PolicyArns.member.${index}.arn`) ?? '');
  }
  return {
    externalId: take(parameters, 'ExternalId', EXTERNAL_ID),
    ...(tagCount > 0 && { tags }),
    ...(policyArns.length > 0 && { policyArns }),
  };
}

/** The session tags that are asked for. */
export function tagsIn(parameters: URLSearchParams): Record<string, string> {
  const tags: Record<string, string> = {};
  for (let index = 1; parameters.has(`Tags.member.${index}.Key`); index++) {
    tags[parameters.get(`Tags.member.${index}.Key`) ?? ''] = parameters.get(`Tags.member.${index}.Value`) ?? '';
  }
  return tags;
}

/** Policies that could not be evaluated here are refused rather than ignored. */
function checkedPolicy(text: string): string {
  if (text.length > POLICY_CHARACTERS_MAX) {
    throw unsatisfied(
      'Policy',
      `${text.length} characters`,
      `Member must have length less than or equal to ${POLICY_CHARACTERS_MAX}`,
    );
  }
  try {
    parseSessionPolicy(text);
    return text;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const message = error.reason === 'NO_JSON' ? 'The policy is not in the valid JSON format.' : error.message;
    throw new StsError('MalformedPolicyDocument', 400, message);
  }
}

function unsatisfied(name: string, shown: string, constraint: string): StsError {
  const member = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return validationError(
    `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

/** Stable for a role, as AWS's role ids are while the role exists. */
function roleIdOf(roleArn: string): string {
  return `AROA${base32(createHash('sha256').update(roleArn).digest()).slice(0, 17)}`;
}
