import type { Caller } from '../aws/service.ts';
import { notImplemented } from './errors.ts';
import { S3Error } from './object-store.ts';
import {
  CONDITION_KEYS,
  type ConditionContext,
  type Conditions,
  conditionsHold,
  isKnownOperator,
  matchesWildcards,
} from './policy-conditions.ts';

/** A bucket policy, parsed and checked when it is put. */
export interface BucketPolicy {
  readonly statements: readonly Statement[];
}

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly principals: Selection;
  readonly actions: Selection;
  readonly resources: Selection;
  readonly conditions: Conditions;
}

/** Values that are meant or, for `NotPrincipal`, `NotAction` and `NotResource`, all but these. */
interface Selection {
  readonly values: readonly string[];
  readonly negated: boolean;
}

export interface PolicyQuestion {
  readonly caller: Pick<Caller, 'accountId' | 'arn' | 'sessionIssuer'>;
  /** Such as `s3:PutObject`. */
  readonly action: string;
  readonly resourceArn: string;
  readonly context: ConditionContext;
}

/** S3's own limit. */
const POLICY_BYTES_MAX = 20 * 1024;
const PRINCIPAL =
  /^(?:\*|\d{12}|arn:aws[\w-]*:(?:iam|sts)::\d{12}:(?:root|(?:user|role|assumed-role|federated-user)\/.+))$/;

/** @returns what a policy says of a request; an explicit `Deny` wins over any `Allow` */
export function evaluatePolicy(policy: BucketPolicy, question: PolicyQuestion): 'ALLOW' | 'DENY' | 'NO_STATEMENT' {
  const matching = policy.statements.filter((statement) => applies(statement, question));
  if (matching.some(({ effect }) => effect === 'Deny')) return 'DENY';
  return matching.length > 0 ? 'ALLOW' : 'NO_STATEMENT';
}

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
  if (Buffer.byteLength(text) > POLICY_BYTES_MAX)
    throw malformed('Normalized policy document exceeds the maximum size');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed('This policy contains invalid Json');
  }
  if (!isObject(document)) throw malformed('This policy contains invalid Json');
  const statements = asList(document.Statement).map((statement) => parseStatement(statement, bucket));
  if (statements.length === 0) throw malformed('Missing required field Statement');
  return { statements };
}

function parseStatement(statement: unknown, bucket: string): Statement {
  if (!isObject(statement)) throw malformed('Policy document must be a list of statements');
  const effect = statement.Effect;
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`Invalid effect: ${String(effect)}`);
  const principals = parseSelection(statement, 'Principal', parsePrincipals);
  const actions = parseSelection(statement, 'Action', parseStrings);
  const resources = parseSelection(statement, 'Resource', parseStrings);
  if (!actions.values.every((action) => action === '*' || /^s3:/i.test(action))) {
    throw malformed('Policy has invalid action');
  }
  const arn = `arn:aws:s3:::${bucket}`;
  if (!resources.values.every((resource) => matchesWildcards(arn, resource) || resource.startsWith(`${arn}/`))) {
    throw malformed('Policy has invalid resource');
  }
  return { effect, principals, actions, resources, conditions: parseConditions(statement.Condition) };
}

function parseSelection(
  statement: Record<string, unknown>,
  field: string,
  parse: (value: unknown, field: string) => string[],
): Selection {
  const negated = statement[field] === undefined;
  const value = negated ? statement[`Not${field}`] : statement[field];
  if (value === undefined) throw malformed(`Missing required field ${field}`);
  return { values: parse(value, field), negated };
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

function parseStrings(value: unknown, field: string): string[] {
  return asList(value).map((item) => {
    if (typeof item !== 'string') throw malformed(`Policy has invalid ${field.toLowerCase()}`);
    return item;
  });
}

function parseConditions(value: unknown): Conditions {
  if (value === undefined) return {};
  if (!isObject(value)) throw malformed('Conditions must be of the form operator: { key: value }');
  const conditions: Record<string, Record<string, string[]>> = {};
  for (const [operator, keys] of Object.entries(value)) {
    if (!isKnownOperator(operator)) throw notImplemented(`The policy condition operator ${operator}`);
    if (!isObject(keys)) throw malformed('Conditions must be of the form operator: { key: value }');
    const parsed: Record<string, string[]> = {};
    for (const [key, values] of Object.entries(keys)) {
      if (!CONDITION_KEYS.has(key.toLowerCase())) throw notImplemented(`The policy condition key ${key}`);
      parsed[key] = asList(values).map(String);
    }
    conditions[operator] = parsed;
  }
  return conditions;
}

function applies(statement: Statement, question: PolicyQuestion): boolean {
  return (
    selects(statement.principals, (principal) => isPrincipal(principal, question.caller)) &&
    selects(statement.actions, (action) => matchesWildcards(question.action.toLowerCase(), action.toLowerCase())) &&
    selects(statement.resources, (resource) => matchesWildcards(question.resourceArn, resource)) &&
    conditionsHold(statement.conditions, question.context)
  );
}

const selects = (selection: Selection, matches: (value: string) => boolean) =>
  selection.values.some(matches) !== selection.negated;

/** An account stands for everybody in it, a role for each of its sessions. */
function isPrincipal(principal: string, caller: PolicyQuestion['caller']): boolean {
  if (principal === '*' || principal === caller.accountId || principal === caller.arn) return true;
  if (principal === caller.sessionIssuer?.arn) return true;
  return /^arn:aws[\w-]*:iam::(\d{12}):root$/.exec(principal)?.[1] === caller.accountId;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function asList(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

const malformed = (message: string) => new S3Error('MalformedPolicy', 400, message);
