import type { Shape } from '../samples/shape.ts';
import { pointerStep, sqlName, sqlString } from './quoting.ts';
import { isIncremental, manifestFilesKey, type Snippet, type SnippetSource } from './snippet.ts';

const NOTE =
  'DuckDB 1.2 or newer. For S3, first: CREATE SECRET (TYPE s3, PROVIDER credential_chain); Numbers become doubles, of 15 digits: take the text of an id that has more.';

/** A query of the files that the manifest lists, attributes as columns. */
export function duckDbSnippet(source: SnippetSource): Snippet {
  const { record, attributes } = source;
  const bucket = `s3://${record.destination.bucket}/`;
  const incremental = isIncremental(source);
  const columns = incremental ? ['Metadata', 'Keys', 'NewImage', 'OldImage'] : ['Item'];
  const item = incremental ? 'coalesce(NewImage, Keys)' : 'Item';
  const selected = [
    ...(incremental ? CHANGE : []),
    ...[...attributes].map(([name, shape]) => `${expressionOf(item, name, shape)} AS ${sqlName(name)}`),
  ];
  const text = `SET VARIABLE files = (
  SELECT list(${sqlString(bucket)} || dataFileS3Key)
  FROM read_ndjson(${sqlString(bucket + manifestFilesKey(source))}, columns = {dataFileS3Key: 'VARCHAR'})
);
SELECT
${(selected.length > 0 ? selected : [item]).map((column) => `  ${column}`).join(',\n')}
FROM read_ndjson(
  getvariable('files'),
  columns = {${columns.map((name) => `${name}: 'JSON'`).join(', ')}},
  compression = 'gzip'
);`;
  return { tool: 'DUCKDB', title: 'Query it with DuckDB', language: 'sql', text, note: NOTE };
}

const CHANGE = [
  "make_timestamp(CAST(Metadata->>'/WriteTimestampMicros/N' AS BIGINT)) AS _written_at",
  'NewImage IS NULL AS _deleted',
];

function expressionOf(item: string, name: string, { types }: Shape): string {
  const step = pointerStep(name);
  const [type] = types;
  const at = (path: string) => sqlString(`${step}${path}`);
  switch (types.length === 1 ? type : null) {
    case 'S':
      return `${item}->>${at('/S')}`;
    case 'N':
      return `CAST(${item}->>${at('/N')} AS DOUBLE)`;
    case 'B':
      return `from_base64(${item}->>${at('/B')})`;
    case 'BOOL':
      return `CAST(${item}->>${at('/BOOL')} AS BOOLEAN)`;
    case null:
      return `${item}->${at('')}`;
    default:
      return `${item}->${at(`/${type}`)}`;
  }
}
