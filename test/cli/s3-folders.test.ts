import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { s3Folders } from '../../src/cli/s3-folders.ts';
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';

let outport: OutportProcess;
let proxy: CuttableProxy;
const bytes = randomBytes(8 * 1024 * 1024);

beforeAll(async () => {
  outport = await startOutport();
  proxy = await startCuttableProxy(outport.awsEndpoint);
  vi.stubEnv('AWS_ENDPOINT_URL', proxy.through(outport.awsEndpoint));
  vi.stubEnv('AWS_ACCESS_KEY_ID', '000000000000');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'outport');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  const s3 = new S3Client({ forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'a/data/file', Body: bytes }));
  for (const home of ['a/AWSDynamoDB/1', 'a/AWSDynamoDB/2', 'ab/AWSDynamoDB/3']) {
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: `${home}/manifest-summary.json`, Body: '{}' }));
  }
  s3.destroy();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
  await outport.stop();
});

const namesOf = async (address: string) => (await s3Folders(address, process.env))?.map(({ name }) => name);

test('an address is an export, or all exports below it', async () => {
  expect(await namesOf('s3://lake/a')).toEqual(['s3://lake/a/AWSDynamoDB/1', 's3://lake/a/AWSDynamoDB/2']);
  expect(await namesOf('s3://lake/a/AWSDynamoDB/2/')).toEqual(['s3://lake/a/AWSDynamoDB/2']);
  expect(await namesOf('s3://lake/nothing')).toEqual(['s3://lake/nothing']);
  expect(await namesOf('a/AWSDynamoDB/2')).toBeUndefined();
});

test('what cannot be listed is said so', async () => {
  await expect(s3Folders('s3://nowhere/a', process.env)).rejects.toMatchObject({
    name: 'MaterialiseError',
    message: 'What lies below s3://nowhere/a could not be listed: The specified bucket does not exist',
  });
});

test('an object is read to its end over connections that break off', async () => {
  const [folder] = (await s3Folders('s3://lake/a/AWSDynamoDB/1', process.env)) ?? [];
  const read: Uint8Array[] = [];
  let cuts = 0;
  for await (const chunk of folder?.read('../../data/file') ?? []) {
    read.push(chunk);
    if (cuts < 3 && Buffer.concat(read).length > cuts * 1024 * 1024) {
      cuts += 1;
      proxy.cut();
    }
  }

  expect(cuts).toBe(3);
  expect(Buffer.concat(read).equals(bytes)).toBe(true);
});
