import { expect, test } from 'vitest';
import { exportSessionPolicy } from '../../src/services/session-policy.ts';
import { parseTableArn, type TableArn } from '../../src/services/table-arn.ts';

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
