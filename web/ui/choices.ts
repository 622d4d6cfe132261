import { words } from './format.ts';

/** The value of the schema that a text of the address is, if it is one. */
export const oneOf = <Value extends string>(values: readonly Value[], text: string): Value | undefined =>
  values.find((value) => value === text);

/** Values of the schema, to choose from. */
export const choicesOf = (values: readonly string[]) => values.map((value) => ({ value, label: words(value) }));
