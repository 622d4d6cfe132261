import type { Shape } from '../samples/shape.ts';
import { pythonString } from './quoting.ts';
import { isIncremental, manifestFilesKey, type Snippet, type SnippetSource } from './snippet.ts';

/** A DataFrame of the files that the manifest lists, attributes as columns. */
export function sparkSnippet(source: SnippetSource): Snippet {
  const { record, attributes } = source;
  const bucket = `s3a://${record.destination.bucket}/`;
  const incremental = isIncremental(source);
  const members = incremental ? ['Keys', 'NewImage', 'OldImage'] : ['Item'];
  const schema = [
    ...(incremental ? ['Metadata MAP<STRING, STRING>'] : []),
    ...members.map((name) => `${name} MAP<STRING, STRING>`),
  ].join(', ');
  const columns = [
    ...(incremental ? CHANGE : []),
    ...[...attributes].map(([name, shape]) => `${expressionOf(name, shape)}.alias(${pythonString(name)})`),
  ];
  const text = `from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()
manifest = spark.read.json(${pythonString(bucket + manifestFilesKey(source))})
files = [${pythonString(bucket)} + row.dataFileS3Key for row in manifest.select("dataFileS3Key").collect()]
lines = spark.read.schema(${pythonString(schema)}).json(files)
item = ${incremental ? 'F.coalesce(F.col("NewImage"), F.col("Keys"))' : 'F.col("Item")'}
items = lines.select(
${(columns.length > 0 ? columns : ['item.alias("item")']).map((column) => `    ${column},`).join('\n')}
)
items.show()`;
  return {
    tool: 'SPARK',
    title: 'Read it with PySpark',
    language: 'python',
    text,
    note: 'Needs the S3A connector, as EMR and Glue have it. Numbers become doubles: cast to decimal where 15 digits are too few.',
  };
}

const CHANGE = [
  'F.timestamp_micros(F.get_json_object(F.col("Metadata")["WriteTimestampMicros"], "$.N").cast("long")).alias("_written_at")',
  'F.col("NewImage").isNull().alias("_deleted")',
];

/** A map's values are the JSON texts of typed values. */
function expressionOf(name: string, { types }: Shape): string {
  const typed = `item[${pythonString(name)}]`;
  const [type] = types;
  const member = `F.get_json_object(${typed}, "$.${type}")`;
  switch (types.length === 1 ? type : null) {
    case 'N':
      return `${member}.cast("double")`;
    case 'BOOL':
      return `${member}.cast("boolean")`;
    case 'B':
      return `F.unbase64(${member})`;
    case null:
      return typed;
    default:
      return member;
  }
}
