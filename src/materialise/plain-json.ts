import type { AttributeValue } from './images.ts';

/**
 * A value as JSON without types: maps are objects, lists and sets arrays, bytes base64. Numbers stand as they are, with all of
 * their digits, whatever a reader of JSON makes of them.
 */
export function plainJson(value: AttributeValue): string {
  if ('S' in value) return JSON.stringify(value.S);
  if ('N' in value) return value.N;
  if ('B' in value) return JSON.stringify(value.B);
  if ('BOOL' in value) return String(value.BOOL);
  if ('NULL' in value) return 'null';
  if ('SS' in value) return JSON.stringify(value.SS);
  if ('NS' in value) return `[${value.NS.join(',')}]`;
  if ('BS' in value) return JSON.stringify(value.BS);
  if ('L' in value) return `[${value.L.map(plainJson).join(',')}]`;
  const members = Object.entries(value.M).map(([name, member]) => `${JSON.stringify(name)}:${plainJson(member)}`);
  return `{${members.join(',')}}`;
}
