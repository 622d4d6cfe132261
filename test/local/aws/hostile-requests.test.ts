import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { operations } from '../../../src/local/dynamodb/operations.ts';
import { startDataPlane, type TestDataPlane } from '../../support/data-plane.ts';
import { SPOILERS, spoiledTwice } from '../../support/spoiled.ts';
import {
  ACCOUNT,
  ASSUME_ROLE_PARAMETERS,
  DYNAMODB_INPUTS,
  LOOKUP_EVENTS_INPUT,
  S3_BODIES,
  S3_HEADERS,
  S3_PARAMETERS,
  TABLE,
} from './sound-requests.ts';

let plane: TestDataPlane;
const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${ACCOUNT}/20261101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
  'x-amz-date': '20261101T000000Z',
  'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
});
const dynamodb = (operation: string, body: string) =>
  fetch(plane.endpoint, {
    method: 'POST',
    headers: {
      ...signedFor('dynamodb'),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    },
    body,
  });
const s3 = (method: string, path: string, body: string | undefined, headers: Record<string, string> = {}) =>
  fetch(`${plane.endpoint}${path}`, { method, headers: { ...signedFor('s3'), ...headers }, body });

/** Failures of ours are logged with their stack: shown where a property fails. */
const bugs = vi.fn();
beforeAll(async () => {
  plane = await startDataPlane();
  await dynamodb('CreateTable', JSON.stringify({ ...DYNAMODB_INPUTS.CreateTable, TableName: TABLE }));
  await vi.waitFor(async () => {
    const described = await dynamodb('DescribeTable', JSON.stringify({ TableName: TABLE }));
    expect(await described.json()).toMatchObject({ Table: { TableStatus: 'ACTIVE' } });
  });
  await s3('PUT', '/lake', undefined);
  await s3('PUT', '/lake/key', 'text');
});
afterAll(() => plane.close());
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(bugs);
});
afterEach(() => vi.restoreAllMocks());

async function expectNoBug(response: Response): Promise<void> {
  const text = await response.text();
  if (response.status >= 500 && response.status !== 501)
    throw new Error(`${response.status} ${text}\n${bugs.mock.lastCall?.join(' ')}`);
}

/** A property of each operation: enough to find what is wrong with most of what was once wrong. */
const RUNS = { numRuns: 60 };

test('every operation of DynamoDB is tried', () =>
  expect(Object.keys(DYNAMODB_INPUTS).toSorted()).toEqual([...operations.keys()].toSorted()));

test.each(Object.entries(DYNAMODB_INPUTS))(
  '%s answers whatever it is sent without failing itself',
  async (operation, input) => {
    const body = fc.oneof(
      { arbitrary: spoiledTwice(input).map((value) => JSON.stringify(value)), weight: 8 },
      fc.json(),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => expectNoBug(await dynamodb(operation, text))),
      RUNS,
    );
  },
);

test('LookupEvents of CloudTrail answers whatever it is sent', async () => {
  const headers = {
    ...signedFor('cloudtrail'),
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'CloudTrail_20131101.LookupEvents',
  };
  const body = fc.oneof(
    { arbitrary: spoiledTwice(LOOKUP_EVENTS_INPUT).map((value) => JSON.stringify(value)), weight: 8 },
    fc.json(),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) =>
      expectNoBug(await fetch(plane.endpoint, { method: 'POST', headers, body: text })),
    ),
    RUNS,
  );
});

test('STS answers whatever it is sent', async () => {
  const hostile = fc.oneof(
    fc.constantFrom(...SPOILERS.map((spoiler) => JSON.stringify(spoiler))),
    fc.string(),
    fc.json(),
  );
  const body = fc.record(
    Object.fromEntries(
      Object.entries(ASSUME_ROLE_PARAMETERS).map(([name, value]) => [
        name,
        fc.oneof({ arbitrary: fc.constant(value), weight: 4 }, hostile),
      ]),
    ),
  );
  const headers = { ...signedFor('sts'), 'content-type': 'application/x-www-form-urlencoded' };
  await fc.assert(
    fc.asyncProperty(body, async (parameters) =>
      expectNoBug(
        await fetch(plane.endpoint, {
          method: 'POST',
          headers,
          body: new URLSearchParams(parameters).toString(),
        }),
      ),
    ),
    RUNS,
  );
});

test('S3 answers whatever it is sent', async () => {
  const text = fc.oneof(
    fc.constantFrom(
      '',
      '0',
      '-1',
      '1',
      'key',
      '/lake/key',
      'bytes=0-1',
      'bytes=5-1',
      'aws-chunked',
      'aws:kms',
      'CRC32',
      'x'.repeat(1_100),
      '*',
      '"*"',
      'a=b&c=d',
    ),
    fc.stringMatching(/^[ -~]{0,20}$/),
  );
  const broken = fc
    .tuple(fc.constantFrom(...S3_BODIES), fc.nat(200), fc.nat(200), fc.constantFrom('', '<', '&x;', '<a/>', 'null'))
    .map(([body, at, cut, add]) => body.slice(0, at) + add + body.slice(Math.min(body.length, at + cut)));
  const request = fc.record({
    method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD'),
    path: fc.constantFrom(
      '/',
      '/lake',
      '/lake/',
      '/lake/key',
      '/lake/%00',
      '/lake/a//b/../c',
      '/none/key',
      '/L',
      '/lake/%E0%A4%A',
      '/lake/%ff',
    ),
    query: fc.array(fc.tuple(fc.constantFrom(...S3_PARAMETERS), text), { maxLength: 3 }),
    headers: fc.array(fc.tuple(fc.constantFrom(...S3_HEADERS), text), { maxLength: 3 }),
    body: fc.oneof(broken, fc.string()),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, query, headers, body }) => {
      const search = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
      const sends = method === 'PUT' || method === 'POST' ? body : undefined;
      await expectNoBug(await s3(method, search ? `${path}?${search}` : path, sends, Object.fromEntries(headers)));
    }),
    { numRuns: 500 },
  );
});
