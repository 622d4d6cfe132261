import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { AwsRefusal, askAws } from './ask-aws.ts';
import type { ReadableExport } from './read-export-data.ts';
import { itemsOf, keysOf, type Sample } from './samples/sample.ts';
import { shapesOf } from './samples/shape.ts';
import { athenaSnippets } from './snippets/athena.ts';
import { awsCliSnippets, importTableSnippet } from './snippets/aws-cli.ts';
import { duckDbSnippet } from './snippets/duckdb.ts';
import { glueSnippet } from './snippets/glue.ts';
import { type Snippet, type SnippetSource, snippetSource } from './snippets/snippet.ts';
import { sparkSnippet } from './snippets/spark.ts';
import { tableOf } from './table-arn.ts';

/**
 * What to do with an export, as text that works when it is pasted. DuckDB and Spark read no Ion, so of an export in Ion they
 * are left out.
 * @throws AwsRefusal
 */
export async function snippetsOf(readable: ReadableExport, sample: Sample): Promise<Snippet[]> {
  const source = snippetSource(readable.record, {
    attributes: shapesOf(itemsOf(sample)),
    keys: shapesOf(keysOf(sample)),
    description: await describeTable(readable),
  });
  const isJson = readable.record.exportFormat === 'DYNAMODB_JSON';
  return [
    ...athenaSnippets(source),
    glueSnippet(source),
    ...(isJson ? [duckDbSnippet(source), sparkSnippet(source)] : []),
    ...[importTableSnippet(source)].filter((snippet) => snippet !== null),
    ...awsCliSnippets(source),
  ];
}

/** Null when the table is gone: its exports outlive it. */
async function describeTable({ dynamodb, record }: ReadableExport): Promise<SnippetSource['description']> {
  try {
    const command = new DescribeTableCommand({ TableName: tableOf(record).tableName });
    return (await askAws(() => dynamodb.send(command))).Table ?? null;
  } catch (error) {
    if (error instanceof AwsRefusal && error.error.code === 'TABLE_NOT_FOUND') return null;
    throw error;
  }
}
