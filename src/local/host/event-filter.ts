import { isObject } from './is-object.ts';

/** Whether an event passes: what a filter pattern compiles to. */
export type EventFilter = (event: unknown) => boolean;

/** A test of one field. `undefined` is an absent field. */
type FieldTest = (value: unknown) => boolean;

/**
 * Compiles the filter patterns of an event source mapping (EventBridge's pattern language). An event passes if any of
 * the patterns matches, or if there are none. Exact values, `prefix`, `anything-but` (of exact values), `exists` and
 * `numeric` are known; anything else throws, so that no filter is weaker here than where it is deployed.
 */
export function compileFilters(patterns: readonly unknown[]): EventFilter {
  const filters = patterns.map((pattern) => compilePattern(pattern, ''));
  return (event) => filters.length === 0 || filters.some((matches) => matches(event));
}

function compilePattern(pattern: unknown, path: string): FieldTest {
  if (!isObject(pattern)) throw new Error(`Filter pattern${path}: expected an object`);
  const fields = Object.entries(pattern).map(([name, inner]): [string, FieldTest] => {
    const innerPath = `${path}.${name}`;
    return [name, Array.isArray(inner) ? compileAlternatives(inner, innerPath) : compilePattern(inner, innerPath)];
  });
  return (event) => fields.every(([name, test]) => test(isObject(event) ? event[name] : undefined));
}

function compileAlternatives(alternatives: readonly unknown[], path: string): FieldTest {
  if (alternatives.length === 0) throw new Error(`Filter pattern${path}: an empty list matches nothing`);
  const tests = alternatives.map((alternative) => compileMatcher(alternative, path));
  return (value) => {
    // A list in the event passes if one of its elements does.
    const candidates = Array.isArray(value) ? value : [value];
    return tests.some((test) => candidates.some(test));
  };
}

function compileMatcher(matcher: unknown, path: string): FieldTest {
  if (!isObject(matcher)) return (value) => value === matcher;
  const [operator, operand, ...rest] = Object.entries(matcher).flat();
  if (rest.length === 0) {
    if (operator === 'prefix' && typeof operand === 'string') {
      return (value) => typeof value === 'string' && value.startsWith(operand);
    }
    if (operator === 'exists' && typeof operand === 'boolean') {
      // Only leaves exist for EventBridge: a field that holds an object does not count.
      return (value) => (value !== undefined && !isObject(value)) === operand;
    }
    if (operator === 'anything-but' && (Array.isArray(operand) ? !operand.some(isObject) : !isObject(operand))) {
      const excluded: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
      return (value) => value !== undefined && !excluded.includes(value);
    }
    if (operator === 'numeric' && Array.isArray(operand)) return compileNumeric(operand, path);
  }
  throw new Error(`Filter pattern${path}: the host does not know ${JSON.stringify(matcher)}`);
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `["=", 3]`, or a range as `[">", 0, "<=", 5]`. */
function compileNumeric(operand: readonly unknown[], path: string): FieldTest {
  const bounds: Array<(value: number) => boolean> = [];
  for (let index = 0; index < operand.length; index += 2) {
    const compare = comparisons[String(operand[index])];
    const bound = operand[index + 1];
    if (!compare || typeof bound !== 'number') {
      throw new Error(`Filter pattern${path}: the host does not know numeric ${JSON.stringify(operand)}`);
    }
    bounds.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && bounds.every((within) => within(value));
}
