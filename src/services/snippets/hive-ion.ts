import { mergeShapes, type Shape } from '../samples/shape.ts';
import { type HiveTable, hiveNames, isPlainName } from './hive-table.ts';
import { isIncremental, type SnippetSource } from './snippet.ts';

type Quote = (name: string) => string;

interface Column {
  readonly name: string;
  /** Where its value is in a line. */
  readonly path: readonly string[];
  readonly type: (quote: Quote) => string;
}

/** DynamoDB's numbers have 38 digits; how many behind the point is not known. */
const NUMBER = 'decimal(38,18)';

/** A table over an export in Ion (facts §8.2): a column for every attribute that has one type, whatever it is called. */
export function hiveTableOfIon(source: SnippetSource): HiveTable {
  const incremental = isIncremental(source);
  const names = hiveNames([...source.attributes.keys()], new Set());
  const folder = incremental ? ['Record', 'NewImage'] : ['Item'];
  const attributes = [...source.attributes].map(([name, shape]) => ({
    name: names.get(name) ?? name,
    path: [...folder, name],
    type: typeOf(shape),
    attribute: name,
  }));
  const columns: Column[] = [
    ...(incremental ? changeColumns(source, new Set(names.values())) : []),
    ...attributes.flatMap(({ type, ...column }) => (type ? [{ ...column, type }] : [])),
  ];
  return {
    columns,
    serde: 'com.amazon.ionhiveserde.IonHiveSerDe',
    inputFormat: 'com.amazon.ionhiveserde.formats.IonInputFormat',
    outputFormat: 'com.amazon.ionhiveserde.formats.IonOutputFormat',
    properties: [
      ['ion.path_extractor.case_sensitive', 'true'],
      ...columns.map(({ name, path }): [string, string] => [
        `ion.${name}.path_extractor`,
        `(${path.map(ionSymbol).join(' ')})`,
      ]),
    ],
    classification: 'ion',
    leftOut: attributes.flatMap(({ type, attribute }) => (type ? [] : [attribute])),
  };
}

/** What a line of an increment has beside the item: when it was written, and its key, also of one that was deleted. */
function changeColumns({ keys }: SnippetSource, taken: ReadonlySet<string>): Column[] {
  const names = hiveNames(
    [...keys.keys()].map((name) => `key_${name}`),
    taken,
  );
  return [
    {
      name: 'write_timestamp_micros',
      path: ['Record', 'Metadata', 'WriteTimestampMicros'],
      type: () => 'decimal(38,0)',
    },
    ...[...keys].flatMap(([name, shape]) => {
      const type = typeOf(shape);
      return type ? [{ name: names.get(`key_${name}`) ?? name, path: ['Record', 'Keys', name], type }] : [];
    }),
  ];
}

/** A symbol of Ion text. */
function ionSymbol(text: string): string {
  if (isPlainName(text) && !['null', 'true', 'false', 'nan'].includes(text)) return text;
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}

/** The one Hive type for values of a shape; null when there is none. */
function typeOf({ types, element, fields }: Shape): ((quote: Quote) => string) | null {
  const [type, ...others] = types.filter((each) => each !== 'NULL');
  if (type === undefined || others.length > 0) return null;
  switch (type) {
    case 'S':
      return () => 'string';
    case 'N':
      return () => NUMBER;
    case 'B':
      return () => 'binary';
    case 'BOOL':
      return () => 'boolean';
    case 'SS':
      return () => 'array<string>';
    case 'NS':
      return () => `array<${NUMBER}>`;
    case 'BS':
      return () => 'array<binary>';
    case 'L': {
      const member = element && typeOf(element);
      return member && ((quote) => `array<${member(quote)}>`);
    }
    case 'M':
      return mapType(fields);
    default:
      return null;
  }
}

function mapType(fields: ReadonlyMap<string, Shape>): ((quote: Quote) => string) | null {
  if (fields.size === 0) return null;
  const alike = typeOf(mergeShapes([...fields.values()]));
  if (alike) return (quote) => `map<string,${alike(quote)}>`;
  const members = [...fields].map(([name, shape]) => ({ name, type: typeOf(shape) }));
  const lower = new Set(members.map(({ name }) => name.toLowerCase()));
  if (lower.size < members.length || !members.every(({ name, type }) => type && isPlainName(name))) return null;
  return (quote) => `struct<${members.map(({ name, type }) => `${quote(name)}:${type?.(quote)}`).join(',')}>`;
}
