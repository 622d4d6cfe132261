import {
  CONDITION_KEYS,
  type ConditionContext,
  type Conditions,
  conditionsHold,
  isKnownOperator,
  matchesWildcards,
} from './policy-conditions.ts';

/** What policies of every kind are made of. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Selection;
  readonly resources: Selection;
  readonly conditions: Conditions;
}

/** Values that are meant or, for `NotPrincipal`, `NotAction` and `NotResource`, all but these. */
export interface Selection {
  readonly values: readonly string[];
  readonly negated: boolean;
}

export interface StatementQuestion {
  /** Such as `s3:PutObject`. */
  readonly action: string;
  readonly resourceArn: string;
  readonly context: ConditionContext;
}

/** UNSUPPORTED: AWS would take the policy, and this evaluator could not say what it means. */
export class PolicyError extends Error {
  constructor(
    readonly reason: 'NO_JSON' | 'MALFORMED' | 'UNSUPPORTED',
    message: string,
  ) {
    super(message);
    this.name = 'PolicyError';
  }
}

export const malformed = (message: string) => new PolicyError('MALFORMED', message);
const noJson = () => new PolicyError('NO_JSON', 'This policy contains invalid Json');
const unsupported = (message: string) => new PolicyError('UNSUPPORTED', message);

export const statementApplies = (statement: Statement, question: StatementQuestion): boolean =>
  selects(statement.actions, (action) => matchesWildcards(question.action.toLowerCase(), action.toLowerCase())) &&
  selects(statement.resources, (resource) => matchesWildcards(question.resourceArn, resource)) &&
  conditionsHold(statement.conditions, question.context);

export const selects = (selection: Selection, matches: (value: string) => boolean): boolean =>
  selection.values.some(matches) !== selection.negated;

/** The decision of the statements that apply: an explicit `Deny` wins over any `Allow`. */
export function decisionOf(applying: readonly Pick<Statement, 'effect'>[]): 'ALLOW' | 'DENY' | 'NO_STATEMENT' {
  if (applying.some(({ effect }) => effect === 'Deny')) return 'DENY';
  return applying.length > 0 ? 'ALLOW' : 'NO_STATEMENT';
}

/**
 * The statements of a policy's text, each read by `parse`.
 * @throws PolicyError
 */
export function parseStatements<T>(text: string, parse: (statement: Record<string, unknown>) => T): T[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw noJson();
  }
  if (!isObject(document)) throw noJson();
  const statements = asList(document.Statement);
  if (statements.length === 0) throw malformed('Missing required field Statement');
  return statements.map((statement) => {
    if (!isObject(statement)) throw malformed('Policy document must be a list of statements');
    return parse(statement);
  });
}

/** @throws PolicyError for what AWS would refuse, and for what could not be evaluated here */
export function parseStatement(statement: Record<string, unknown>): Statement {
  const effect = statement.Effect;
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`Invalid effect: ${String(effect)}`);
  const actions = parseSelection(statement, 'Action', parseStrings);
  const resources = parseSelection(statement, 'Resource', parseStrings);
  const variable = resources.values.join(' ').match(/\$\{(?![*?$]\})[^}]*\}/);
  if (variable) throw unsupported(`The policy variable ${variable[0]}`);
  return { effect, actions, resources, conditions: parseConditions(statement.Condition) };
}

export function parseSelection(
  statement: Record<string, unknown>,
  field: string,
  parse: (value: unknown, field: string) => string[],
): Selection {
  const negated = statement[field] === undefined;
  const value = negated ? statement[`Not${field}`] : statement[field];
  if (value === undefined) throw malformed(`Missing required field ${field}`);
  return { values: parse(value, field), negated };
}

export function parseStrings(value: unknown, field: string): string[] {
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
    if (!isKnownOperator(operator)) throw unsupported(`The policy condition operator ${operator}`);
    if (!isObject(keys)) throw malformed('Conditions must be of the form operator: { key: value }');
    const parsed: Record<string, string[]> = {};
    for (const [key, values] of Object.entries(keys)) {
      if (!CONDITION_KEYS.has(key.toLowerCase())) throw unsupported(`The policy condition key ${key}`);
      parsed[key] = asList(values).map(String);
    }
    conditions[operator] = parsed;
  }
  return conditions;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function asList(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
