import { dataLocation, hiveNote, hiveTableName, hiveTableOf } from './athena.ts';
import type { Snippet, SnippetSource } from './snippet.ts';

/** The input of Glue's CreateTable. */
export function glueSnippet(source: SnippetSource): Snippet {
  const table = hiveTableOf(source);
  const { columns, serde, inputFormat, outputFormat, properties, classification } = table;
  const input = {
    DatabaseName: 'default',
    TableInput: {
      Name: hiveTableName(source),
      TableType: 'EXTERNAL_TABLE',
      Parameters: { EXTERNAL: 'TRUE', classification },
      StorageDescriptor: {
        Columns: columns.map(({ name, type }) => ({ Name: name, Type: type((field) => field) })),
        Location: dataLocation(source),
        InputFormat: inputFormat,
        OutputFormat: outputFormat,
        SerdeInfo: { SerializationLibrary: serde, Parameters: Object.fromEntries(properties) },
      },
    },
  };
  return {
    tool: 'GLUE',
    title: 'Create a table in Glue',
    language: 'json',
    text: JSON.stringify(input, null, 2),
    note: `Save it as table.json, then: aws glue create-table --cli-input-json file://table.json. ${hiveNote(source, table)}`,
  };
}
