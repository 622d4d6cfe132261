import { shellWord } from './quoting.ts';
import { isIncremental, manifestFilesKey, type Snippet, type SnippetSource } from './snippet.ts';

/** DynamoDB names tables with 255 characters at most. */
const TABLE_NAME_LENGTH_MAX = 255;
const COPY = '-copy';

/** Commands of the AWS CLI: what DynamoDB says of the export, and its files on this machine. */
export function awsCliSnippets(source: SnippetSource): Snippet[] {
  const { record, table, dataFolder, exportFolder } = source;
  const bucket = `s3://${record.destination.bucket}/`;
  const describe = `aws dynamodb describe-export --region ${table.region} --export-arn ${shellWord(record.exportArn)}`;
  const folder = record.exportArn.slice(record.exportArn.lastIndexOf('/') + 1);
  const whole = `aws s3 cp --recursive ${shellWord(bucket + exportFolder)} ${folder}`;
  const listed = [
    `aws s3 cp ${shellWord(bucket + manifestFilesKey(source))} - |`,
    `  sed -n 's|.*"dataFileS3Key":".*/\\([^"/]*\\)"}$|\\1|p' |`,
    `  while read -r name; do aws s3 cp ${shellWord(bucket + dataFolder)}"$name" ${folder}/"$name" < /dev/null; done`,
  ].join('\n');
  const command = (title: string, text: string): Snippet => ({
    tool: 'AWS_CLI',
    title,
    language: 'bash',
    text,
    note: null,
  });
  return [
    command('Download it with the AWS CLI', isIncremental(source) ? listed : whole),
    command('What DynamoDB says of it', describe),
  ];
}

/** Imports the files into a new table; null where DynamoDB cannot (increments), or the key of the table is not known. */
export function importTableSnippet({ record, table, dataFolder, description }: SnippetSource): Snippet | null {
  const { KeySchema = [], AttributeDefinitions = [] } = description ?? {};
  if (record.exportType === 'INCREMENTAL_EXPORT' || KeySchema.length === 0) return null;
  const keys = new Set(KeySchema.map(({ AttributeName }) => AttributeName));
  const source = {
    S3Bucket: record.destination.bucket,
    ...(record.destination.bucketOwner && { S3BucketOwner: record.destination.bucketOwner }),
    S3KeyPrefix: dataFolder,
  };
  const parameters = {
    TableName: `${table.tableName.slice(0, TABLE_NAME_LENGTH_MAX - COPY.length)}${COPY}`,
    AttributeDefinitions: AttributeDefinitions.filter(({ AttributeName }) => keys.has(AttributeName)),
    KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
  };
  const text = [
    `aws dynamodb import-table --region ${table.region}`,
    `--s3-bucket-source ${shellWord(JSON.stringify(source))}`,
    `--input-format ${record.exportFormat} --input-compression-type GZIP`,
    `--table-creation-parameters ${shellWord(JSON.stringify(parameters))}`,
  ].join(' \\\n  ');
  return {
    tool: 'IMPORT_TABLE',
    title: 'Import it into a new table',
    language: 'bash',
    text,
    note: `DynamoDB creates the table ${parameters.TableName}, which must not exist, without secondary indexes.`,
  };
}
