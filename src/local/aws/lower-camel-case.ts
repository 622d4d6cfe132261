/** Names the members of a structure as CloudTrail writes them: `TableArn` becomes `tableArn`, at every depth. */
export function inLowerCamelCase(members: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [lowerFirst(name), renameWithin(value)]));
}

function renameWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renameWithin);
  return typeof value === 'object' && value !== null ? inLowerCamelCase(value) : value;
}

const lowerFirst = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
