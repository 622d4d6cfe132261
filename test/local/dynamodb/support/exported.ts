import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import {
  type AttributeValue,
  DescribeExportCommand,
  type DynamoDBClient,
  type ExportDescription,
  ExportTableToPointInTimeCommand,
  type ExportTableToPointInTimeCommandInput,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { until } from './until.ts';

/** DescribeExport until the export has ended. */
export function ended(client: DynamoDBClient, ExportArn: string): Promise<ExportDescription> {
  return until(async () => {
    const { ExportDescription } = await client.send(new DescribeExportCommand({ ExportArn }));
    return ExportDescription?.ExportStatus !== 'IN_PROGRESS' && ExportDescription;
  });
}

export async function startExport(client: DynamoDBClient, input: ExportTableToPointInTimeCommandInput) {
  const { ExportDescription } = await client.send(new ExportTableToPointInTimeCommand(input));
  if (!ExportDescription?.ExportArn) throw new Error('The export has no ARN.');
  return { ...ExportDescription, ExportArn: ExportDescription.ExportArn };
}

export async function getBytes(s3: S3Client, Bucket: string, Key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

export async function listKeys(s3: S3Client, Bucket: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

const md5 = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest();

/** Reads an export as its consumers do: from the summary to the listing to the data, verifying every checksum. */
export async function readExport(s3: S3Client, bucket: string, summaryKey: string) {
  const verified = async (key: string) => {
    const bytes = await getBytes(s3, bucket, key);
    const checksum = await getBytes(s3, bucket, key.replace(/json$/, 'md5'));
    if (checksum.toString() !== md5(bytes).toString('base64')) throw new Error(`${key} does not match its checksum.`);
    return bytes.toString();
  };
  const summaryText = await verified(summaryKey);
  const summary = JSON.parse(summaryText);
  const filesText = await verified(summary.manifestFilesS3Key);
  const files = filesText
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const lines: string[] = [];
  for (const file of files) {
    const bytes = await getBytes(s3, bucket, file.dataFileS3Key);
    const digest = md5(bytes);
    if (file.md5Checksum !== digest.toString('base64')) throw new Error(`${file.dataFileS3Key} was changed.`);
    if (file.etag !== `${md5(digest).toString('hex')}-1`) throw new Error(`${file.dataFileS3Key} has another ETag.`);
    const text = gunzipSync(bytes).toString();
    const own = text.split('\n').slice(0, -1);
    if (own.length !== file.itemCount) throw new Error(`${file.dataFileS3Key} has ${own.length} lines.`);
    lines.push(...own);
  }
  const items: Array<Record<string, AttributeValue>> =
    summary.outputFormat === 'DYNAMODB_JSON' ? lines.map((line) => JSON.parse(line).Item) : [];
  return { summary, summaryText, filesText, files, lines, items };
}
