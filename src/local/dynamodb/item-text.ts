import type { Item } from './dynalite.ts';

/** An item as compact DynamoDB JSON with the key attributes first, as exports show them (facts §3.7). */
export function itemText(item: Item, { KeySchema }: Pick<Dynalite.Table, 'KeySchema'>): string {
  const names = KeySchema.map(({ AttributeName }) => AttributeName).filter((name) => name in item);
  const attributes = Object.keys(item);
  if (names.every((name, position) => attributes[position] === name)) return JSON.stringify(item);
  // Objects order names such as "1" before all others, so the keys are put in front as text.
  const ordered = [...names, ...attributes.filter((name) => !names.includes(name))];
  return `{${ordered.map((name) => `${JSON.stringify(name)}:${JSON.stringify(item[name])}`).join(',')}}`;
}
