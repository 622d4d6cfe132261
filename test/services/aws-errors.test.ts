import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { classifyAwsError, explainExportFailure, mayGoBetterLater } from '../../src/services/aws-errors.ts';

const answer = (name: string, httpStatusCode: number) =>
  new DynamoDBServiceException({ name, message: 'what AWS said', $fault: 'client', $metadata: { httpStatusCode } });

test.each([
  ['TableNotFoundException', 'TABLE_NOT_FOUND'],
  ['PointInTimeRecoveryUnavailableException', 'POINT_IN_TIME_RECOVERY_UNAVAILABLE'],
  ['InvalidExportTimeException', 'INVALID_EXPORT_TIME'],
  ['AccessDeniedException', 'ACCOUNT_ACCESS_DENIED'],
  ['ValidationException', 'EXPORT_REJECTED'],
  ['ExportConflictException', 'EXPORT_REJECTED'],
])('%s is final', (name, code) => {
  expect(classifyAwsError(answer(name, 400))).toMatchObject({
    kind: 'FINAL',
    error: { code, message: 'what AWS said', remedy: expect.any(String) },
  });
});

test.each([
  ['LimitExceededException', 400],
  ['ThrottlingException', 400],
  ['ExpiredTokenException', 400],
  ['InternalServerError', 500],
  ['Anything', 503],
])('%s may go better later', (name, status) => {
  expect(classifyAwsError(answer(name, status))).toEqual({ kind: 'RETRYABLE', message: 'what AWS said' });
});

test('an answer without a body is named by its service and status', () => {
  const head = new S3ServiceException({
    name: '503',
    message: 'UnknownError',
    $fault: 'server',
    $metadata: { httpStatusCode: 503 },
  });
  expect(classifyAwsError(head)).toEqual({ kind: 'RETRYABLE', message: 'S3 answered 503 and gave no reason.' });
});

test.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN'])('a network’s %s may go better later', (code) => {
  expect(classifyAwsError(Object.assign(new Error('connect'), { code }))).toMatchObject({ kind: 'RETRYABLE' });
});

test('a bug is thrown on, and does not pass', () => {
  const bug = new TypeError('undefined is not a function');
  expect(() => classifyAwsError(bug)).toThrow(bug);
  expect([bug, 'a text', undefined].map(mayGoBetterLater)).toEqual([false, false, false]);
});

test('an export’s failure keeps what AWS said, known code or not', () => {
  expect(explainExportFailure('S3AccessDenied', 'Access Denied (…)')).toMatchObject({
    code: 'S3_ACCESS_DENIED',
    message: 'Access Denied (…)',
    remedy: expect.stringContaining('bucketOwner'),
  });
  expect(explainExportFailure('BrandNew', 'hm')).toMatchObject({ code: 'EXPORT_FAILED', message: 'BrandNew: hm' });
});
