import type { dom } from 'ion-js';
import type { SampledItem, TypedValue } from './sample.ts';

/**
 * Reads a line of an export in Ion as the object that its line in DynamoDB JSON would hold (facts §3.9).
 * @returns null for what is no such line
 */
export async function parseIonLine(line: string): Promise<Readonly<Record<string, unknown>> | null> {
  // Loaded on first use: a third of a megabyte that most requests have no use for.
  const { load } = await import('ion-js');
  try {
    const value = load(line);
    // An increment's line has a wrapper that its JSON form has not.
    const fields = (value?.get('Record') ?? value)?.fields() ?? [];
    return Object.fromEntries(fields.map(([name, struct]) => [name, itemOf(struct)]));
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

const itemOf = (struct: dom.Value): SampledItem =>
  Object.fromEntries(struct.fields().map(([name, value]) => [name, attributeOf(value)]));

const SETS: Readonly<Record<string, string>> = { $dynamodb_SS: 'SS', $dynamodb_NS: 'NS', $dynamodb_BS: 'BS' };

function attributeOf(value: dom.Value): TypedValue {
  const set = SETS[value.getAnnotations()[0] ?? ''];
  if (set !== undefined) return { [set]: value.elements().map((element) => Object.values(attributeOf(element))[0]) };
  const type = value.getType().name;
  switch (type) {
    case 'null':
      return { NULL: true };
    case 'string':
      return { S: value.stringValue() ?? '' };
    case 'decimal':
      return { N: numberText(value.decimalValue()?.toString() ?? '') };
    case 'blob':
      return { B: Buffer.from(value.uInt8ArrayValue() ?? []).toString('base64') };
    case 'bool':
      return { BOOL: value.booleanValue() === true };
    case 'list':
      return { L: value.elements().map(attributeOf) };
    case 'struct':
      return { M: itemOf(value) };
    default:
      throw new Error(`DynamoDB has no ${type}`);
  }
}

/** All digits and no exponent, as DynamoDB writes numbers: Ion writes `103.` for 103 and `6d2` for 600. */
function numberText(decimal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)\.?(\d*)(?:[eEdD]([+-]?\d+))?$/.exec(decimal) ?? [];
  const point = whole.length + Number(exponent);
  const digits = `${'0'.repeat(Math.max(0, 1 - point))}${whole}${fraction}`;
  const begin = Math.max(1, point);
  const after = digits.slice(begin).replace(/0+$/, '');
  return `${sign}${digits.slice(0, begin).padEnd(begin, '0')}${after && `.${after}`}`;
}
