import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  print,
} from 'graphql';

const ROOTS = ['Query', 'Mutation', 'Subscription'] as const;
const KINDS: ReadonlyArray<readonly [title: string, is: (type: GraphQLNamedType) => boolean]> = [
  ['Objects', (type) => isObjectType(type) && !ROOTS.some((root) => root === type.name)],
  ['Inputs', isInputObjectType],
  ['Enums', isEnumType],
  ['Scalars', (type) => isScalarType(type) && !isSpecifiedScalarType(type)],
];

/** The reference of an API in Markdown: every operation and type of its schema, by their descriptions. */
export function apiReference(unsorted: GraphQLSchema): string {
  const schema = lexicographicSortSchema(unsorted);
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type) => type != null,
  );
  return [
    '# API reference',
    '<!-- Written by `npm run docs` from the descriptions in the schema. -->',
    'Every operation and type of [`schema/schema.graphql`](../schema/schema.graphql). How to call it is in [use.md](use.md), what goes wrong in [errors.md](errors.md).',
    ...roots.flatMap((root) => [
      `## ${root.name}`,
      ...Object.values(root.getFields()).flatMap((field) => operation(root.name, field)),
    ]),
    ...KINDS.flatMap(([title, is]) => [`## ${title}`, ...types.filter(is).flatMap(described)]),
    '',
  ].join('\n\n');
}

/** Headed by its root, too: `export` and `Export` would have the same anchor. */
function operation(root: string, { name, description, type, args }: GraphQLField<unknown, unknown>): string[] {
  return [
    `### ${root}.${name}`,
    text(description),
    `Returns ${linked(type)}.`,
    ...(args.length > 0 ? [inputs('argument', args)] : []),
  ];
}

function described(type: GraphQLNamedType): string[] {
  const heading = [`### ${type.name}`, text(type.description)];
  if (isObjectType(type)) return [...heading, outputs(Object.values(type.getFields()))];
  if (isInputObjectType(type)) return [...heading, inputs('field', Object.values(type.getFields()))];
  if (isEnumType(type)) {
    const values = type.getValues().map(({ name, description }) => [`\`${name}\``, text(description)]);
    return [...heading, rows(['value', 'means'], values)];
  }
  return heading;
}

function outputs(fields: ReadonlyArray<GraphQLField<unknown, unknown>>): string {
  const named = (arg: GraphQLArgument) => `${arg.name}: ${linked(arg.type)}`;
  return rows(
    ['field', 'type', 'what it is'],
    fields.map(({ name, args, type, description }) => [
      args.length === 0 ? `\`${name}\`` : `\`${name}\` (${args.map(named).join(', ')})`,
      linked(type),
      text(description),
    ]),
  );
}

function inputs(title: string, fields: ReadonlyArray<GraphQLArgument | GraphQLInputField>): string {
  return rows(
    [title, 'type', 'default', 'what it is'],
    fields.map(({ name, type, defaultValue, description }) => {
      const value = defaultValue === undefined ? null : astFromValue(defaultValue, type);
      return [`\`${name}\``, linked(type), value ? `\`${print(value)}\`` : '', text(description)];
    }),
  );
}

/** A type with a link to what it is of. */
function linked(type: GraphQLField<unknown, unknown>['type'] | GraphQLArgument['type']): string {
  const { name } = getNamedType(type);
  const written = String(type);
  return isSpecifiedScalarType(getNamedType(type)) ? `\`${written}\`` : `[\`${written}\`](#${name.toLowerCase()})`;
}

const rows = (titles: readonly string[], cells: ReadonlyArray<readonly string[]>): string =>
  [titles, titles.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** A description on one line, with nothing that would end a cell. */
const text = (description: string | null | undefined): string =>
  (description ?? '').replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
