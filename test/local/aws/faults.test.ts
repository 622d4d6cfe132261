import { rmSync, writeFileSync } from 'node:fs';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fault, FaultsFileError } from '../../../src/local/aws/faults.ts';
import { startDataPlane, type TestDataPlane } from '../../support/data-plane.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const folder = temporaryDirectory();
const faultsFile = () => `${folder.path}/faults.json`;
let plane: TestDataPlane;
let dynamodb: DynamoDBClient;
let s3: S3Client;
let sts: STSClient;

beforeAll(async () => {
  plane = await startDataPlane({ directory: `${folder.path}/data`, faultsFile: faultsFile() });
  const credentials = { accessKeyId: '111122223333', secretAccessKey: 'outport' };
  const settings = { endpoint: plane.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  dynamodb = new DynamoDBClient(settings);
  s3 = new S3Client({ ...settings, forcePathStyle: true });
  sts = new STSClient(settings);
});
afterAll(() => plane.close());

function inject(...faults: Fault[]): void {
  writeFileSync(faultsFile(), JSON.stringify(faults));
}

test('calls are refused as the file says at the time, as each service words it', async () => {
  await dynamodb.send(new ListTablesCommand());

  inject(
    { service: 'dynamodb', operation: 'ListTables', refusal: 'Throttled' },
    { service: 's3', refusal: 'Throttled' },
  );
  await expect(dynamodb.send(new ListTablesCommand())).rejects.toMatchObject({ name: 'ThrottlingException' });
  await expect(s3.send(new ListBucketsCommand())).rejects.toMatchObject({ name: 'SlowDown' });
  await sts.send(new GetCallerIdentityCommand());

  inject({ refusal: 'Unavailable' });
  await expect(dynamodb.send(new ListTablesCommand())).rejects.toMatchObject({ name: 'InternalServerError' });
  await expect(sts.send(new GetCallerIdentityCommand())).rejects.toMatchObject({ name: 'ServiceUnavailable' });

  inject({ refusal: 'Unavailable', share: 0 }, { delayMs: 1 });
  await dynamodb.send(new ListTablesCommand());

  writeFileSync(faultsFile(), '');
  await s3.send(new ListBucketsCommand());

  rmSync(faultsFile());
  await s3.send(new ListBucketsCommand());
});

test.each<[string, RegExp]>([
  ['{', /not JSON/],
  ['{}', /not a list/],
  ['[{"refusal": "Broken"}]', /refusal may not be "Broken"/],
  ['[{"service": "sqs"}]', /service may not be "sqs"/],
  ['[{"times": 3}]', /times may not be 3/],
])('a file that makes no sense is refused at the start: %s', async (text, message) => {
  const file = `${folder.path}/wrong.json`;
  writeFileSync(file, text);
  const started = startDataPlane({ directory: `${folder.path}/other`, faultsFile: file });
  const error = await started.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FaultsFileError);
  expect(String(error)).toMatch(message);
});
