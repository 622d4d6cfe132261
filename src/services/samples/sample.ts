/** An attribute's value as DynamoDB JSON: one type and what is of it, such as `{"S": "x"}`. */
export type TypedValue = Readonly<Record<string, unknown>>;

/** An item as DynamoDB JSON: its attributes by name. */
export type SampledItem = Readonly<Record<string, TypedValue>>;

/** A line of a data file. */
export interface SampledLine {
  /** As it was at the time of a full export, or at the end of an increment's window; null: it was deleted in the window. */
  readonly item: SampledItem | null;
  /** Its key, which the lines of increments alone tell apart. */
  readonly keys: SampledItem | null;
}

/** The first lines of an export. */
export type Sample = readonly SampledLine[];

export const itemsOf = (sample: Sample): SampledItem[] =>
  sample.map(({ item }) => item).filter((item) => item !== null);

export const keysOf = (sample: Sample): SampledItem[] => sample.map(({ keys }) => keys).filter((keys) => keys !== null);

export const deletedKeysOf = (sample: Sample): SampledItem[] => keysOf(sample.filter(({ item }) => item === null));

/** The type of a value: its one member's name. */
export const typeOf = (value: TypedValue): string => Object.keys(value)[0] ?? '';

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
