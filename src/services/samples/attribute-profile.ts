import { type SampledItem, typeOf } from './sample.ts';

/** What a sample shows of one attribute. */
export interface AttributeProfile {
  readonly name: string;
  /** DynamoDB's types, the most frequent first. */
  readonly types: readonly string[];
  /** Of the items that have it, 0 to 1. */
  readonly share: number;
}

/** Items may have any attributes: of those of a hostile sample only so many are told. */
const ATTRIBUTES_MAX = 500;

/** Which attributes items have, of which types: those that most have first. */
export function profileAttributes(items: readonly SampledItem[]): AttributeProfile[] {
  const counts = new Map<string, Map<string, number>>();
  for (const item of items) {
    for (const [name, value] of Object.entries(item)) {
      const types = counts.get(name) ?? new Map<string, number>();
      counts.set(name, types);
      types.set(typeOf(value), (types.get(typeOf(value)) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([name, types]) => ({
      name,
      types: [...types].sort(([, a], [, b]) => b - a).map(([type]) => type),
      share: [...types.values()].reduce((sum, count) => sum + count, 0) / items.length,
    }))
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))
    .slice(0, ATTRIBUTES_MAX);
}
