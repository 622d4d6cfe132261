import type { Shape } from '../samples/shape.ts';
import { hiveTableOfIon } from './hive-ion.ts';
import { hiveTableOfJson, type NameInTable } from './hive-json.ts';
import { type HiveTable, hiveNames, leftOutNote } from './hive-table.ts';
import { hiveString, sqlName } from './quoting.ts';
import { isIncremental, SHARED_FOLDER_NOTE, type Snippet, type SnippetSource } from './snippet.ts';

const hiveName = (name: string): string => `\`${name}\``;

/** What the tables of Athena and Glue are called: by the table and DynamoDB's id of the export. */
export function hiveTableName({ table, record }: SnippetSource): string {
  const name = `${table.tableName}_${record.exportArn.slice(record.exportArn.lastIndexOf('/') + 1)}`;
  return hiveNames([name], new Set()).get(name) ?? name;
}

export const hiveTableOf = (source: SnippetSource): HiveTable =>
  source.record.exportFormat === 'ION' ? hiveTableOfIon(source) : hiveTableOfJson(source);

export const dataLocation = ({ record, dataFolder }: SnippetSource): string =>
  `s3://${record.destination.bucket}/${dataFolder}`;

/** What is to be known of a table over the files, whoever makes it. */
export function hiveNote(source: SnippetSource, { leftOut }: HiveTable): string {
  const inferred = 'The columns are those of the items that were looked at; others may have more.';
  return [inferred, leftOutNote(leftOut), isIncremental(source) ? SHARED_FOLDER_NOTE : null].filter(Boolean).join(' ');
}

export function athenaSnippets(source: SnippetSource): Snippet[] {
  const table = hiveTableOf(source);
  const create: Snippet = {
    tool: 'ATHENA',
    title: 'Create a table in Athena',
    language: 'sql',
    text: ddlOf(source, table),
    note: hiveNote(source, table),
  };
  return [create, { ...create, title: 'Query it in Athena', text: queryOf(source), note: 'Once the table is there.' }];
}

function ddlOf(source: SnippetSource, { columns, serde, inputFormat, outputFormat, properties }: HiveTable): string {
  const pairs = properties.map(([name, value]) => `  ${hiveString(name)} = ${hiveString(value)}`);
  return [
    `CREATE EXTERNAL TABLE ${hiveName(hiveTableName(source))} (`,
    columns.map(({ name, type }) => `  ${hiveName(name)} ${type(hiveName)}`).join(',\n'),
    ')',
    `ROW FORMAT SERDE ${hiveString(serde)}`,
    ...(pairs.length > 0 ? [`WITH SERDEPROPERTIES (\n${pairs.join(',\n')}\n)`] : []),
    `STORED AS INPUTFORMAT ${hiveString(inputFormat)}`,
    `OUTPUTFORMAT ${hiveString(outputFormat)}`,
    `LOCATION ${hiveString(dataLocation(source))};`,
  ].join('\n');
}

function queryOf(source: SnippetSource): string {
  const from = `FROM ${sqlName(hiveTableName(source))}\nLIMIT 100;`;
  if (source.record.exportFormat === 'ION') return `SELECT *\n${from}`;
  const { names } = hiveTableOfJson(source);
  const item = isIncremental(source) ? 'newimage' : 'item';
  const columns = [...source.attributes].map(
    ([name, shape]) => `  ${expressionOf(item, name, shape, names)} AS ${sqlName(name)}`,
  );
  return `SELECT\n${columns.join(',\n')}\n${from}`;
}

function expressionOf(item: string, attribute: string, { types }: Shape, names: NameInTable): string {
  const typed = `${item}.${sqlName(names.get(attribute) ?? attribute)}`;
  switch (types.length === 1 ? types[0] : null) {
    case 'S':
    case 'B':
    case 'BOOL':
      return `${typed}.${types[0]?.toLowerCase()}`;
    case 'N':
      return `CAST(${typed}.n AS double)`;
    default:
      return `json_format(CAST(${typed} AS json))`;
  }
}
