import { request as httpRequest } from 'node:http';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AwsCall } from '../../../src/local/aws/service.ts';
import { startDataPlane } from '../../support/data-plane.ts';
import { type CapturedRequest, sendRaw } from './captured-request.ts';
import { stubServices } from './stub-services.ts';

let plane: Awaited<ReturnType<typeof startDataPlane>>;
const calls: AwsCall[] = [];

beforeAll(async () => {
  plane = await startDataPlane({ services: async () => stubServices(calls) });
});
afterAll(() => plane.close());

const settings = (accessKeyId: string) => ({
  endpoint: plane.endpoint,
  region: 'eu-north-1',
  credentials: { accessKeyId, secretAccessKey: 'anything' },
  forcePathStyle: true,
});

const signedFor = (service: string, overrides: Partial<CapturedRequest> = {}): CapturedRequest => ({
  method: 'POST',
  url: '/',
  body: '{}',
  ...overrides,
  headers: {
    authorization: `AWS4-HMAC-SHA256 Credential=111122223333/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
    'x-amz-date': '20260101T000000Z',
    ...overrides.headers,
  },
});

describe('a call', () => {
  test('reaches the service it is signed for, as the account its key names', async () => {
    await new DynamoDBClient(settings('111122223333')).send(new ListTablesCommand({}));
    await new S3Client(settings('AKIAIOSFODNN7EXAMPLE')).send(new GetObjectCommand({ Bucket: 'b', Key: 'a b' }));
    expect(calls.slice(-2)).toMatchObject([
      {
        region: 'eu-north-1',
        path: '/',
        caller: { type: 'Root', accountId: '111122223333', arn: 'arn:aws:iam::111122223333:root' },
      },
      {
        path: '/b/a%20b',
        host: new URL(plane.endpoint).host,
        caller: { type: 'Root', accountId: '000000000000', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' },
      },
    ]);
  });

  test('whose service has a bug is answered 500 in the form of its protocol, and the process stays up', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const headers = { 'x-amz-target': 'DynamoDB_20120810.DescribeTable' };
    const reply = await sendRaw(plane.endpoint, signedFor('dynamodb', { headers, body: '{"TableName":"bug"}' }));
    expect(reply.status).toBe(500);
    expect(JSON.parse(reply.text).__type).toBe('com.amazon.coral.service#InternalServerError');
    expect(log).toHaveBeenCalledWith(expect.stringContaining('DynamoDB_20120810.DescribeTable'), expect.any(Error));
    log.mockRestore();
    await expect(new DynamoDBClient(settings('1')).send(new ListTablesCommand({}))).resolves.toBeDefined();
  });
});

describe('a request without credentials', () => {
  test('GET / tells a person what this is and how to point a client at it', async () => {
    const reply = await fetch(plane.endpoint);
    expect(reply.status).toBe(200);
    expect(await reply.text()).toContain(`AWS_ENDPOINT_URL=${plane.endpoint}`);
  });

  test.each([
    {
      name: 'DynamoDB',
      header: [['x-amz-target', 'DynamoDB_20120810.ListTables']],
      status: 400,
      text: '"com.amazon.coral.service#MissingAuthenticationTokenException"',
    },
    {
      name: 'CloudTrail',
      header: [['x-amz-target', 'CloudTrail_20131101.LookupEvents']],
      status: 400,
      text: '"com.amazon.coral.service#MissingAuthenticationTokenException"',
    },
    {
      name: 'STS',
      header: [['content-type', 'application/x-www-form-urlencoded']],
      status: 403,
      text: '<Code>MissingAuthenticationToken</Code>',
    },
    {
      name: 'S3',
      header: [],
      url: '/bucket/key',
      status: 403,
      text: '<Error><Code>AccessDenied</Code><Message>Access Denied</Message>',
    },
  ])('is refused as $name refuses it', async ({ header, url = '/', status, text }) => {
    const headers = Object.fromEntries(header);
    const reply = await sendRaw(plane.endpoint, { method: 'POST', url, headers, body: '' });
    expect(reply.status).toBe(status);
    expect(reply.text).toContain(text);
  });

  test('a HEAD is refused without a body', async () => {
    expect(await sendRaw(plane.endpoint, { method: 'HEAD', url: '/b/k', headers: {}, body: '' })).toMatchObject({
      status: 403,
      text: '',
    });
  });
});

describe('credentials that cannot be read', () => {
  const dynamodb = { 'x-amz-target': 'DynamoDB_20120810.ListTables' };
  test.each([
    { authorization: 'AWS key:signature', headers: {}, text: 'Please use AWS4-HMAC-SHA256.' },
    { authorization: 'Bearer token', headers: dynamodb, text: 'only AWS4-HMAC-SHA256 is accepted' },
    { authorization: 'AWS4-HMAC-SHA256', headers: dynamodb, text: 'only AWS4-HMAC-SHA256 is accepted' },
    {
      authorization: 'AWS4-HMAC-SHA256 Credential=, SignedHeaders=host',
      headers: dynamodb,
      text: "requires 'Credential' parameter",
    },
    {
      authorization: 'AWS4-HMAC-SHA256 Credential=key/today/dynamodb',
      headers: dynamodb,
      text: 'Credential must have the form',
    },
    {
      authorization: 'AWS4-HMAC-SHA256 Credential=k/20260101/r/s3/aws4_request, Signature=0',
      headers: {},
      text: 'requires &apos;SignedHeaders&apos; parameter',
    },
  ])('$authorization', async ({ authorization, headers, text }) => {
    const request = signedFor('dynamodb', { headers: { ...headers, authorization } });
    const reply = await sendRaw(plane.endpoint, request);
    expect(reply.status).toBe(400);
    expect(reply.text).toContain(text);
  });

  test.each(['20269999T999999Z', '2026-01-01', 'x'])('dates such as %s', async (date) => {
    const reply = await sendRaw(
      plane.endpoint,
      signedFor('dynamodb', { headers: { ...dynamodb, 'x-amz-date': date } }),
    );
    expect(reply.text).toContain("ISO-8601 'basic format'");
  });
});

test('a presigned URL that has expired is refused, although signatures are not verified here', async () => {
  const url = (expires: number) =>
    `${plane.endpoint}/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=1%2F20260101%2Fr%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0&X-Amz-Expires=${expires}`;
  const expired = await fetch(url(60));
  expect(expired.status).toBe(403);
  expect(await expired.text()).toContain('<Message>Request has expired</Message>');
  expect(await (await fetch(url(604_801))).text()).toContain('<Code>AuthorizationHeaderMalformed</Code>');
});

test('a service that is not served is named', async () => {
  const headers = { 'x-amz-target': 'TrentService.ListKeys', 'content-type': 'application/x-amz-json-1.1' };
  const reply = await sendRaw(plane.endpoint, signedFor('kms', { headers }));
  expect(reply.status).toBe(400);
  expect(JSON.parse(reply.text)).toEqual({
    __type: 'com.amazon.coral.service#UnknownServiceException',
    message: "The request is signed for 'kms', and this endpoint serves sts, cloudtrail, dynamodb, s3.",
  });
});

test('a body over 16 MiB is refused, but not one of S3', async () => {
  const body = 'x'.repeat(16 * 1024 * 1024 + 1);
  const headers = { 'x-amz-target': 'DynamoDB_20120810.PutItem' };
  expect(await sendRaw(plane.endpoint, signedFor('dynamodb', { headers, body }))).toMatchObject({ status: 413 });
  expect(await sendRaw(plane.endpoint, signedFor('s3', { method: 'PUT', url: '/b/k', body }))).toMatchObject({
    status: 200,
  });
});

test('a client that goes away in the middle of a body leaves no trace of an error', async () => {
  const log = vi.spyOn(console, 'error');
  const { hostname, port } = new URL(plane.endpoint);
  const { headers } = signedFor('dynamodb', { headers: { 'content-length': '100' } });
  const outgoing = httpRequest({ hostname, port, method: 'POST', headers });
  outgoing.on('error', () => {}).write('{', () => outgoing.destroy());
  await new Promise((resolve) => outgoing.once('close', resolve));
  await fetch(plane.endpoint);
  expect(log).not.toHaveBeenCalled();
  log.mockRestore();
});

test('closing finishes the call under way', async () => {
  const entered = deferred();
  const finish = deferred();
  const own = await startDataPlane({
    services: async () => ({
      dynamodb: {
        eventSource: 'dynamodb.amazonaws.com',
        async handle() {
          entered.resolve();
          await finish.promise;
          const event = { eventName: 'ListTables', readOnly: true, managementEvent: true };
          return { status: 200, headers: {}, body: '{"TableNames":["last"]}', event };
        },
      },
    }),
  });
  const client = new DynamoDBClient({ ...settings('1'), endpoint: own.endpoint });
  const answer = client.send(new ListTablesCommand({}));
  await entered.promise;
  const closed = own.close();
  finish.resolve();
  expect((await answer).TableNames).toEqual(['last']);
  await closed;
  await expect(fetch(own.endpoint)).rejects.toThrow();
});

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
