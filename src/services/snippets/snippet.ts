import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { CompletedExport } from '../../records/export-records.ts';
import { outputLayoutOf } from '../output-layout.ts';
import type { Shape } from '../samples/shape.ts';
import { type TableArn, tableOf } from '../table-arn.ts';

export const SNIPPET_TOOLS = ['ATHENA', 'GLUE', 'DUCKDB', 'SPARK', 'IMPORT_TABLE', 'AWS_CLI'] as const;

export type SnippetTool = (typeof SNIPPET_TOOLS)[number];

/** Text that does something with an export when it is pasted. */
export interface Snippet {
  readonly tool: SnippetTool;
  readonly title: string;
  readonly language: 'sql' | 'json' | 'python' | 'bash';
  readonly text: string;
  /** What to know before it is run. */
  readonly note: string | null;
}

/** What snippets are made from. */
export interface SnippetSource {
  readonly record: CompletedExport;
  readonly table: TableArn;
  /** Keys in the bucket, as prefixes: of the data files, and of the manifests. */
  readonly dataFolder: string;
  readonly exportFolder: string;
  /** By name, what the items that were looked at have. */
  readonly attributes: ReadonlyMap<string, Shape>;
  readonly keys: ReadonlyMap<string, Shape>;
  /** The table as it is now; null when it is gone. */
  readonly description: Pick<TableDescription, 'KeySchema' | 'AttributeDefinitions'> | null;
}

export function snippetSource(
  record: CompletedExport,
  found: Pick<SnippetSource, 'attributes' | 'keys' | 'description'>,
): SnippetSource {
  return {
    ...found,
    record,
    table: tableOf(record),
    dataFolder: outputLayoutOf(record, record.exportArn).dataFolder,
    exportFolder: record.exportManifest.slice(0, record.exportManifest.lastIndexOf('/') + 1),
  };
}

export const manifestFilesKey = ({ exportFolder }: SnippetSource): string => `${exportFolder}manifest-files.json`;

export const isIncremental = ({ record }: Pick<SnippetSource, 'record'>): boolean =>
  record.exportType === 'INCREMENTAL_EXPORT';

/** The folder of data files is shared with every other increment that is exported to the prefix. */
export const SHARED_FOLDER_NOTE =
  'All incremental exports of a prefix share one folder, so this reads the others as well: give each its own prefix, or use a tool here that reads the manifest.';
