import { matchesWildcards } from '../aws/policy-conditions.ts';
import {
  decisionOf,
  isObject,
  malformed,
  PolicyError,
  parseSelection,
  parseStatement,
  parseStatements,
  parseStrings,
  type Selection,
  type Statement,
  type StatementQuestion,
  selects,
  statementApplies,
} from '../aws/policy-statement.ts';
import type { Caller } from '../aws/service.ts';
import { notImplemented } from './errors.ts';
import { S3Error } from './object-store.ts';

/** A bucket policy, parsed and checked when it is put. */
export interface BucketPolicy {
  readonly statements: readonly BucketStatement[];
}

interface BucketStatement extends Statement {
  readonly principals: Selection;
}

export interface PolicyQuestion extends StatementQuestion {
  readonly caller: Pick<Caller, 'accountId' | 'arn' | 'sessionIssuer'>;
}

/** S3's own limit. */
const POLICY_BYTES_MAX = 20 * 1024;
const PRINCIPAL =
  /^(?:\*|\d{12}|arn:aws[\w-]*:(?:iam|sts)::\d{12}:(?:root|(?:user|role|assumed-role|federated-user)\/.+))$/;

/** @returns what a policy says of a request; an explicit `Deny` wins over any `Allow` */
export const evaluatePolicy = (policy: BucketPolicy, question: PolicyQuestion): 'ALLOW' | 'DENY' | 'NO_STATEMENT' =>
  decisionOf(
    policy.statements.filter(
      (statement) =>
        selects(statement.principals, (principal) => isPrincipal(principal, question.caller)) &&
        statementApplies(statement, question),
    ),
  );

/** Whether a policy lets everybody in, which `BlockPublicPolicy` forbids: a wildcard principal without any condition. */
export const isPublic = (policy: BucketPolicy): boolean =>
  policy.statements.some(
    ({ effect, principals, conditions }) =>
      effect === 'Allow' &&
      (principals.negated || principals.values.includes('*')) &&
      Object.keys(conditions).length === 0,
  );

/**
 * Parses a bucket policy. What could not be evaluated here is refused rather than stored.
 * @throws S3Error `MalformedPolicy`, `NotImplemented`
 */
export function parsePolicy(text: string, bucket: string): BucketPolicy {
  try {
    if (Buffer.byteLength(text) > POLICY_BYTES_MAX) {
      throw malformed('Normalized policy document exceeds the maximum size');
    }
    return { statements: parseStatements(text, (statement) => parseBucketStatement(statement, bucket)) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (error.reason === 'UNSUPPORTED') throw notImplemented(error.message);
    throw new S3Error('MalformedPolicy', 400, error.message);
  }
}

function parseBucketStatement(fields: Record<string, unknown>, bucket: string): BucketStatement {
  const statement = parseStatement(fields);
  const principals = parseSelection(fields, 'Principal', parsePrincipals);
  const { actions, resources } = statement;
  if (!actions.values.every((action) => action === '*' || /^s3:/i.test(action))) {
    throw malformed('Policy has invalid action');
  }
  const arn = `arn:aws:s3:::${bucket}`;
  if (!resources.values.every((resource) => matchesWildcards(arn, resource) || resource.startsWith(`${arn}/`))) {
    throw malformed('Policy has invalid resource');
  }
  return { ...statement, principals };
}

function parsePrincipals(value: unknown): string[] {
  if (value === '*') return ['*'];
  if (!isObject(value)) throw malformed('Invalid principal in policy');
  const principals: string[] = [];
  for (const [kind, names] of Object.entries(value)) {
    if (kind !== 'AWS' && kind !== 'Service' && kind !== 'Federated' && kind !== 'CanonicalUser') {
      throw malformed('Invalid principal in policy');
    }
    for (const name of parseStrings(names, 'Principal')) {
      if (kind !== 'AWS') principals.push(`${kind}:${name}`);
      else if (PRINCIPAL.test(name)) principals.push(name);
      else throw malformed('Invalid principal in policy');
    }
  }
  return principals;
}

/** An account stands for everybody in it, a role for each of its sessions. */
function isPrincipal(principal: string, caller: PolicyQuestion['caller']): boolean {
  if (principal === '*' || principal === caller.accountId || principal === caller.arn) return true;
  if (principal === caller.sessionIssuer?.arn) return true;
  return /^arn:aws[\w-]*:iam::(\d{12}):root$/.exec(principal)?.[1] === caller.accountId;
}
