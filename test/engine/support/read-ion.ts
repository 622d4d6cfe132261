import { Buffer } from 'node:buffer';
import { inspect } from 'node:util';
import { type dom, IonTypes, load } from 'ion-js';
import type { AttributeValue, Image as Item } from '../../../src/materialise/images.ts';

/** An Ion text that holds one value, read by ion-js. */
export function loadIon(text: string | Uint8Array): dom.Value {
  const value = load(text);
  if (value === null) throw new Error('No Ion value');
  return value;
}

/** The item that a struct of an export stands for. Numbers are in the one form of `canonicalNumber`. */
export function itemOfIon(struct: dom.Value): Item {
  return Object.fromEntries(struct.fields().map(([name, value]) => [name, attributeOf(value)]));
}

function attributeOf(value: dom.Value): AttributeValue {
  const [annotation] = value.getAnnotations();
  if (annotation !== undefined) return setOf(annotation, value.elements());
  switch (value.getType()) {
    case IonTypes.NULL:
      return { NULL: true };
    case IonTypes.STRING:
      return { S: stringOf(value) };
    case IonTypes.DECIMAL:
      return { N: numberOf(value) };
    case IonTypes.BLOB:
      return { B: base64Of(value) };
    case IonTypes.BOOL:
      return { BOOL: value.booleanValue() === true };
    case IonTypes.LIST:
      return { L: value.elements().map(attributeOf) };
    case IonTypes.STRUCT:
      return { M: itemOfIon(value) };
    default:
      throw new Error(`DynamoDB has no ${value.getType().name}`);
  }
}

function setOf(annotation: string, elements: dom.Value[]): AttributeValue {
  switch (annotation) {
    case '$dynamodb_SS':
      return { SS: elements.map(stringOf) };
    case '$dynamodb_NS':
      return { NS: elements.map(numberOf) };
    case '$dynamodb_BS':
      return { BS: elements.map(base64Of) };
    default:
      throw new Error(`DynamoDB has no annotation ${annotation}`);
  }
}

const stringOf = (value: dom.Value) => value.stringValue() ?? '';
const numberOf = (value: dom.Value) => canonicalNumber(value.decimalValue()?.toString() ?? '');
const base64Of = (value: dom.Value) => Buffer.from(value.uInt8ArrayValue() ?? []).toString('base64');

/** One text for each number: its digits without zeros around them, and the power of ten of the last one. */
export function canonicalNumber(number: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)\.?(\d*)(?:[eEdD]([+-]?\d+))?$/.exec(number) ?? [];
  if (sign === undefined) throw new Error(`Not a number: ${number}`);
  const digits = (whole + fraction).replace(/^0+/, '');
  const stripped = digits.replace(/0+$/, '');
  return stripped === ''
    ? '0'
    : `${sign}${stripped}e${Number(exponent) - fraction.length + digits.length - stripped.length}`;
}

/** The same value with its numbers in canonical form. */
function withCanonicalNumbers(value: AttributeValue): AttributeValue {
  if ('N' in value) return { N: canonicalNumber(value.N) };
  if ('NS' in value) return { NS: value.NS.map(canonicalNumber) };
  if ('L' in value) return { L: value.L.map(withCanonicalNumbers) };
  return 'M' in value ? { M: canonicalItem(value.M) } : value;
}

export function canonicalItem(item: Item): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, withCanonicalNumbers(value)]));
}

/** A line of an Ion export as the object that its line in DynamoDB JSON holds, but for the form of the numbers. */
export function objectOfIonLine(line: string): object {
  if (!line.startsWith('$ion_1_0 {')) throw new Error(`No version marker: ${line}`);
  const value = loadIon(line);
  const item = value.get('Item');
  if (item !== null) return { Item: itemOfIon(item) };
  const fields = value.get('Record')?.fields() ?? [];
  return Object.fromEntries(fields.map(([name, struct]) => [name, itemOfIon(struct)]));
}

/** What lines stand for, in an order that does not depend on theirs. */
export function objectsOf(lines: readonly string[], objectOf: (line: string) => object): object[] {
  const byText = lines.map(objectOf).map((object) => [inspect(object, { sorted: true, depth: null }), object] as const);
  return byText.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

/** A line of an export in DynamoDB JSON, with its numbers in the form of `canonicalNumber`. */
export function objectOfJsonLine(line: string): object {
  const parsed: { readonly [field: string]: Item } = JSON.parse(line);
  return Object.fromEntries(Object.entries(parsed).map(([field, item]) => [field, canonicalItem(item)]));
}
