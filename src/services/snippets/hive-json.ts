import { mergeShapes, type Shape } from '../samples/shape.ts';
import { type HiveColumn, type HiveTable, hiveNames, isPlainName } from './hive-table.ts';
import { isIncremental, type SnippetSource } from './snippet.ts';

type Quote = (name: string) => string;

/** Members of the lines themselves, and of typed values: columns and struct fields of their own. */
const STRUCTURE = [
  ...['Item', 'Metadata', 'Keys', 'NewImage', 'OldImage', 'WriteTimestampMicros'],
  ...['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M'],
];

/** What an attribute of DynamoDB JSON is called in the table. */
export type NameInTable = ReadonlyMap<string, string>;

/** A table over an export in DynamoDB JSON (facts §8.1): a struct for the item, of a struct for every attribute. */
export function hiveTableOfJson(source: SnippetSource): HiveTable & { readonly names: NameInTable } {
  const attributes = new Map([...source.keys, ...source.attributes]);
  const { names, properties } = namesIn([...attributes.keys()]);
  const struct = (shapes: ReadonlyMap<string, Shape>) => (quote: Quote) =>
    `struct<${[...shapes].map(([name, shape]) => `${quote(names.get(name) ?? name)}:${typeOf(shape)}`).join(',')}>`;
  const column = (name: string, type: HiveColumn['type']): HiveColumn => ({ name: name.toLowerCase(), type });
  const columns = isIncremental(source)
    ? [
        column('Metadata', () => 'struct<WriteTimestampMicros:struct<N:string>>'),
        column('Keys', struct(source.keys)),
        column('NewImage', struct(attributes)),
        column('OldImage', struct(attributes)),
      ]
    : [column('Item', struct(attributes))];
  return {
    names,
    columns,
    serde: 'org.openx.data.jsonserde.JsonSerDe',
    inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    properties,
    classification: 'json',
    leftOut: [],
  };
}

/**
 * The SerDe knows no case unless it is told to, and Hive's names have none. So names that differ in case alone, or that Hive
 * does not take and that have capitals, are mapped one by one; and then all that have capitals must be.
 */
function namesIn(attributes: readonly string[]): { names: NameInTable; properties: Array<[string, string]> } {
  const lower = attributes.map((name) => name.toLowerCase());
  const collide = new Set(lower).size < lower.length;
  const exactCase = collide || attributes.some((name) => !isPlainName(name) && /[A-Z]/.test(name));
  const structure = new Set(STRUCTURE.map((name) => name.toLowerCase()));
  const names = hiveNames(attributes, exactCase ? structure : new Set());
  const mapped = exactCase ? [...STRUCTURE.map((name) => [name, name.toLowerCase()] as const), ...names] : [...names];
  const mappings = mapped
    .filter(([name, column]) => column !== (exactCase ? name : name.toLowerCase()))
    .map(([name, column]): [string, string] => [`mapping.${column}`, name]);
  return { names, properties: exactCase ? [['case.insensitive', 'false'], ...mappings] : mappings };
}

/** A typed value: a struct with a member for every type that was seen. */
function typeOf(shape: Shape): string {
  return `struct<${shape.types.map((type) => `${type}:${memberType(type, shape)}`).join(',')}>`;
}

function memberType(type: string, { element, fields }: Shape): string {
  switch (type) {
    case 'BOOL':
    case 'NULL':
      return 'boolean';
    case 'SS':
    case 'NS':
    case 'BS':
      return 'array<string>';
    case 'L':
      return `array<${element ? typeOf(element) : 'string'}>`;
    case 'M':
      // Whatever the names: a map's keys are data.
      return `map<string,${fields.size > 0 ? typeOf(mergeShapes([...fields.values()])) : 'string'}>`;
    default:
      return 'string';
  }
}
