import { expect, test } from 'vitest';
import { exportSessionPolicy, readSessionPolicy } from '../../src/services/session-policy.ts';
import { parseTableArn, type TableArn } from '../../src/services/table-arn.ts';
import { exportCompleted } from '../support/export-moves.ts';

const table = parseTableArn('arn:aws:dynamodb:eu-central-1:111122223333:table/orders') as TableArn;
const KEY_ID = '01234567-89ab-cdef-0123-456789abcdef';
const KEY_ARN = `arn:aws:kms:eu-central-1:444455556666:key/${KEY_ID}`;

function keysOf(algorithm: 'AES256' | 'KMS', kmsKeyId: string | null): unknown[] {
  const policy = exportSessionPolicy(table, { bucket: 'lake', prefix: null, encryption: { algorithm, kmsKeyId } });
  return JSON.parse(policy)
    .Statement.filter(({ Action }: { Action: string[] }) => Action.includes('kms:GenerateDataKey'))
    .map(({ Resource }: { Resource: unknown }) => Resource);
}

test.each([
  ['its ARN', KEY_ARN, KEY_ARN],
  ['its id', KEY_ID, `arn:aws:kms:*:*:key/${KEY_ID}`],
  ['the resource of its ARN', `key/${KEY_ID}`, `arn:aws:kms:*:*:key/${KEY_ID}`],
  ['an alias, which no policy can hold', 'alias/lake', '*'],
  ['the ARN of an alias', 'arn:aws:kms:eu-central-1:444455556666:alias/lake', '*'],
  ['nothing, which is the default key', null, '*'],
])('a session may use the key that its destination names by %s', (_how, kmsKeyId, resource) => {
  expect(keysOf('KMS', kmsKeyId)).toEqual([resource]);
});

test('a session whose export is encrypted by S3 may use no key', () => {
  expect(keysOf('AES256', null)).toEqual([]);
});

test('a session that reads an export may read its folders, list its bucket, decrypt with its key, and nothing else', () => {
  const completed = exportCompleted('exp_a', 1);
  const record = {
    ...completed,
    exportManifest: 'a*b/AWSDynamoDB/01234567890123-abcdefab/manifest-summary.json',
    exportType: 'INCREMENTAL_EXPORT' as const,
    destination: {
      ...completed.destination,
      prefix: 'a*b',
      encryption: { algorithm: 'KMS' as const, kmsKeyId: KEY_ARN },
    },
  };
  expect(JSON.parse(readSessionPolicy(record)).Statement).toEqual([
    { Effect: 'Allow', Action: ['dynamodb:DescribeTable'], Resource: record.tableArn },
    { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: 'arn:aws:s3:::lake' },
    {
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: [
        `arn:aws:s3:::lake/a\${*}b/AWSDynamoDB/01234567890123-abcdefab/*`,
        `arn:aws:s3:::lake/a\${*}b/AWSDynamoDB/data/*`,
      ],
    },
    { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: KEY_ARN },
  ]);
});
