import { isObject, type SampledItem, type TypedValue, typeOf } from './sample.ts';

/** What values of one place have been: of which types, and what those hold. */
export interface Shape {
  /** In DynamoDB's order of types. */
  readonly types: readonly string[];
  /** What the members of lists have been together; null: there were none. */
  readonly element: Shape | null;
  /** What the members of maps have been, by name. */
  readonly fields: ReadonlyMap<string, Shape>;
}

const TYPES = ['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M'];

/** Merges what items have into one shape an attribute. */
export function shapesOf(items: readonly SampledItem[]): ReadonlyMap<string, Shape> {
  const values = new Map<string, TypedValue[]>();
  for (const item of items) {
    for (const [name, value] of Object.entries(item)) {
      const known = values.get(name);
      if (known) known.push(value);
      else values.set(name, [value]);
    }
  }
  return new Map([...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, all]) => [name, shapeOf(all)]));
}

function shapeOf(values: readonly TypedValue[]): Shape {
  const types = new Set(values.map(typeOf));
  const elements = values.flatMap(({ L }) => (Array.isArray(L) ? L.filter(isObject) : []));
  return {
    types: TYPES.filter((type) => types.has(type)),
    element: elements.length === 0 ? null : shapeOf(elements.filter(isTyped)),
    fields: shapesOf(values.flatMap(({ M }) => (isObject(M) ? [fieldsOf(M)] : []))),
  };
}

const isTyped = (value: Readonly<Record<string, unknown>>): value is TypedValue => Object.keys(value).length === 1;

const fieldsOf = (map: Readonly<Record<string, unknown>>): SampledItem =>
  Object.fromEntries(Object.entries(map).flatMap(([name, value]) => (isObject(value) ? [[name, value]] : [])));

/** Several shapes as one: what the members of a map are together. */
export function mergeShapes(shapes: readonly Shape[]): Shape {
  const types = new Set(shapes.flatMap((shape) => shape.types));
  const elements = shapes.flatMap(({ element }) => element ?? []);
  const names = [...new Set(shapes.flatMap(({ fields }) => [...fields.keys()]))].sort();
  return {
    types: TYPES.filter((type) => types.has(type)),
    element: elements.length === 0 ? null : mergeShapes(elements),
    fields: new Map(names.map((name) => [name, mergeShapes(shapes.flatMap(({ fields }) => fields.get(name) ?? []))])),
  };
}
