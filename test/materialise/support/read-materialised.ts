import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DuckDBValue } from '@duckdb/node-api';

/** The items that were written as DynamoDB JSON, sorted as text. */
export function readItems(directory: string): string[] {
  const { files } = JSON.parse(readFileSync(path.join(directory, 'materialised.json'), 'utf8'));
  return files
    .flatMap((file: string) =>
      gunzipSync(readFileSync(path.join(directory, file)))
        .toString()
        .split('\n')
        .slice(0, -1),
    )
    .map((line: string) => JSON.stringify(JSON.parse(line).Item))
    .sort();
}

/** What DuckDB reads of a Parquet file. */
export async function queryParquet(file: string, query: string): Promise<Record<string, DuckDBValue>[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    const result = await connection.runAndReadAll(`WITH items AS (FROM read_parquet('${file}')) ${query}`);
    return result.getRowObjects();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
