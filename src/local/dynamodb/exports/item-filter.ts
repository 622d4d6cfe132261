import db from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';
import type { ImageTransform } from '../../../engine/index.ts';
import type { Item } from '../dynalite.ts';
import { itemText } from '../item-text.ts';
import type { ItemFilter } from './filter.ts';

/**
 * The transform of filtered exports, a bundle of its own that the engine loads into its threads. Expressions are parsed
 * and evaluated by what Query and Scan use, so that an export has the items and attributes that these would return.
 */
export default function itemTransform({ specification, keyRange, table }: ItemFilter): ImageTransform {
  const { _filter: filter, _projection: projection } = parse(specification);
  const project = (item: Item) => (projection ? itemText(db.mapPaths(projection.paths, item), table) : undefined);
  return {
    select(image) {
      const item: Item = JSON.parse(image);
      if (keyRange && !isWithin(db.createKey(item, table), keyRange)) return null;
      if (filter && !db.matchesExprFilter(item, filter.expression)) return null;
      return project(item) ?? image;
    },
    project: (image) => project(JSON.parse(image)) ?? image,
  };
}

function parse(specification: ItemFilter['specification']): Dynalite.ParsedExpressions {
  // The parser normalises numbers in place and leaves what it has parsed in the request.
  const request: ItemFilter['specification'] & Dynalite.ParsedExpressions = structuredClone(specification);
  const violation = validations.validateExpressions(request);
  if (violation) throw new Error(`An accepted filter cannot be parsed: ${violation}`);
  return request;
}

/** Canonical keys are ASCII, so text orders them as the store does. */
function isWithin(key: string, { gt, gte, lt, lte }: NonNullable<ItemFilter['keyRange']>): boolean {
  return (
    (gt === undefined || key > gt) &&
    (gte === undefined || key >= gte) &&
    (lt === undefined || key < lt) &&
    (lte === undefined || key <= lte)
  );
}
