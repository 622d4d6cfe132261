import fc from 'fast-check';

/** What nobody should send. */
export const SPOILERS: unknown[] = [
  null,
  [],
  {},
  [null],
  { a: null },
  { S: null },
  { L: [null] },
  { M: { a: null } },
  '',
  'x',
  '\u0000',
  '__proto__',
  'x'.repeat(3_000),
  0,
  -1,
  1.5,
  1e308,
  true,
  [[]],
  { S: 'a', N: '1' },
];

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [[...path], ...inner.flatMap(([name, child]) => pathsOf(child, [...path, name]))];
}

function spoiled(value: unknown, [name, ...path]: readonly string[], spoiler: unknown): unknown {
  if (name === undefined) return spoiler;
  if (Array.isArray(value))
    return value.map((child, n) => (String(n) === name ? spoiled(child, path, spoiler) : child));
  if (typeof value !== 'object' || value === null) return value;
  const member = Object.entries(value).find(([known]) => known === name)?.[1];
  return { ...value, [name]: spoiled(member, path, spoiler) };
}

/** A sound value of which one or two members, at any depth, are something that they should not be. */
export const spoiledTwice = (input: unknown): fc.Arbitrary<unknown> => {
  const place = fc.tuple(fc.constantFrom(...pathsOf(input)), fc.constantFrom(...SPOILERS));
  return fc.tuple(place, fc.option(place)).map(([[path, spoiler], second]) => {
    const once = spoiled(input, path, spoiler);
    return second ? spoiled(once, ...second) : once;
  });
};
