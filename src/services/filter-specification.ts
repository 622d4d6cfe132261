import type { FilterSpecification } from '../records/export-records.ts';

/** A filter as it is sent. The two maps are any JSON object until they have been parsed. */
export interface FilterSpecificationInput {
  readonly filterExpression?: string | null;
  readonly projectionExpression?: string | null;
  readonly keyConditionExpression?: string | null;
  readonly expressionAttributeNames?: Readonly<Record<string, unknown>> | null;
  readonly expressionAttributeValues?: Readonly<Record<string, unknown>> | null;
}

/** DynamoDB's limits (facts §1.2). */
const EXPRESSION_BYTES_MAX = 4096;
const ATTRIBUTE_NAME_BYTES_MAX = 250;
const NESTING_MAX = 32;

const INVALID = 'Invalid Request: Invalid FilterSpecification:';

/**
 * Checks what can be checked of a filter without parsing its expressions, which DynamoDB does when it takes the request.
 * @returns the filter, its maps in order of their keys, or what is wrong with it
 */
export function parseFilter(input: FilterSpecificationInput): FilterSpecification | { readonly problem: string } {
  const { expressionAttributeNames: names, expressionAttributeValues: values } = input;
  const expressions = {
    filterExpression: input.filterExpression ?? null,
    projectionExpression: input.projectionExpression ?? null,
    keyConditionExpression: input.keyConditionExpression ?? null,
  };
  const texts = Object.values(expressions).filter((text) => text !== null);
  const problem =
    expressionsProblem(texts, names, values) ??
    namesProblem(names ?? {}) ??
    valuesProblem(values ?? {}) ??
    placeholdersProblem(texts.join(' '), Object.keys({ ...names, ...values }));
  if (problem !== null) return { problem: `${INVALID} ${problem}` };
  return {
    ...expressions,
    expressionAttributeNames: names ? textsOf(names) : null,
    expressionAttributeValues: values ? sorted(values) : null,
  };
}

function expressionsProblem(texts: readonly string[], names: unknown, values: unknown): string | null {
  if (texts.length === 0 && names == null && values == null) return 'The specification can not be empty';
  if (texts.length === 0) return 'ExpressionAttributeNames and ExpressionAttributeValues need an expression';
  if (texts.some((text) => text.trim() === '')) return 'The expression can not be empty;';
  const longest = Math.max(...texts.map((text) => Buffer.byteLength(text)));
  if (longest <= EXPRESSION_BYTES_MAX) return null;
  return `Expression size has exceeded the maximum allowed size of ${EXPRESSION_BYTES_MAX} bytes: it has ${longest}`;
}

function namesProblem(names: Readonly<Record<string, unknown>>): string | null {
  for (const [placeholder, name] of Object.entries(names)) {
    if (!/^#\w+$/.test(placeholder)) return `ExpressionAttributeNames contains invalid key: "${placeholder}"`;
    if (typeof name !== 'string' || name === '' || Buffer.byteLength(name) > ATTRIBUTE_NAME_BYTES_MAX) {
      return `ExpressionAttributeNames contains invalid value for key ${placeholder}`;
    }
  }
  return null;
}

function valuesProblem(values: Readonly<Record<string, unknown>>): string | null {
  for (const [placeholder, value] of Object.entries(values)) {
    if (!/^:\w+$/.test(placeholder)) return `ExpressionAttributeValues contains invalid key: "${placeholder}"`;
    if (!isAttributeValue(value)) {
      return `ExpressionAttributeValues contains invalid value for key ${placeholder}: ${JSON.stringify(value)}`;
    }
  }
  return null;
}

/** DynamoDB refuses placeholders that are used and not defined, and those that are defined and not used. */
function placeholdersProblem(text: string, defined: readonly string[]): string | null {
  const used = new Set(text.match(/[#:]\w+/g));
  const missing = [...used].find((placeholder) => !defined.includes(placeholder));
  if (missing) return `An expression attribute used in an expression is not defined: ${missing}`;
  const unused = defined.find((placeholder) => !used.has(placeholder));
  return unused ? `An expression attribute is defined and not used in any expression: ${unused}` : null;
}

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'string' && /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value);
const isBase64 = (value: unknown) =>
  typeof value === 'string' && /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(value);
const isSetOf = (isMember: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every(isMember);

const SCALARS_AND_SETS: Readonly<Record<string, (value: unknown) => boolean>> = {
  S: isText,
  N: isNumber,
  B: isBase64,
  BOOL: (value) => typeof value === 'boolean',
  NULL: (value) => value === true,
  SS: isSetOf(isText),
  NS: isSetOf(isNumber),
  BS: isSetOf(isBase64),
};

/** Whether a value is DynamoDB JSON: an object of one type and its value. */
function isAttributeValue(value: unknown, depth = 0): boolean {
  if (!isObject(value) || depth > NESTING_MAX) return false;
  const [member, ...others] = Object.entries(value);
  if (!member || others.length > 0) return false;
  const [type, inner] = member;
  if (type === 'L') return Array.isArray(inner) && inner.every((element) => isAttributeValue(element, depth + 1));
  if (type === 'M') return isObject(inner) && Object.values(inner).every((field) => isAttributeValue(field, depth + 1));
  return SCALARS_AND_SETS[type]?.(inner) ?? false;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

const textsOf = (names: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(names)
      .map(([placeholder, name]) => [placeholder, String(name)] as const)
      .sort(byKey),
  );

/** The same JSON with all keys in order, so that equal filters are equal as text. */
function sorted(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const inOrder = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inOrder);
    return isObject(value) ? sorted(value) : value;
  };
  return Object.fromEntries(
    Object.entries(object)
      .map(([key, value]) => [key, inOrder(value)] as const)
      .sort(byKey),
  );
}
