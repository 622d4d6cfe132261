import { Readable } from 'node:stream';
import { Sha256 } from '@aws-crypto/sha256-js';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDataPlane } from '../../support/data-plane.ts';
import { type CapturedRequest, captureRequest, sendRaw } from './captured-request.ts';
import { stubServices } from './stub-services.ts';

const MINUTE_MS = 60_000;
const credentials = { accessKeyId: '111122223333', secretAccessKey: 'outport' };

let plane: Awaited<ReturnType<typeof startDataPlane>>;
let clockShiftMs = 0;

beforeAll(async () => {
  plane = await startDataPlane({
    verifySignatures: true,
    now: () => Date.now() + clockShiftMs,
    services: async () => stubServices(),
  });
});
afterAll(() => plane.close());

const settings = (overrides: object = {}) => ({
  endpoint: plane.endpoint,
  region: 'us-east-1',
  credentials,
  maxAttempts: 1,
  forcePathStyle: true,
  ...overrides,
});

/** One call of each service: the three protocols and both ways of encoding a path. */
const calls: ReadonlyArray<{ name: string; mismatch: string; send: (overrides?: object) => Promise<unknown> }> = [
  {
    name: 'DynamoDB',
    mismatch: 'InvalidSignatureException',
    send: (overrides) => new DynamoDBClient(settings(overrides)).send(new ListTablesCommand({ Limit: 3 })),
  },
  {
    name: 'CloudTrail',
    mismatch: 'InvalidSignatureException',
    send: (overrides) => new CloudTrailClient(settings(overrides)).send(new LookupEventsCommand({ MaxResults: 3 })),
  },
  {
    name: 'STS',
    mismatch: 'SignatureDoesNotMatch',
    send: (overrides) => new STSClient(settings(overrides)).send(new GetCallerIdentityCommand()),
  },
  {
    name: 'S3',
    mismatch: 'SignatureDoesNotMatch',
    send: (overrides) =>
      new S3Client(settings(overrides)).send(
        new GetObjectCommand({ Bucket: 'exports', Key: "a b/ü+~/(1)*!'.json", VersionId: 'null', Range: 'bytes=0-9' }),
      ),
  },
];

describe.each(calls)('a request of $name signed by the SDK', ({ send, mismatch }) => {
  const capture = () => {
    const { requestHandler, of } = captureRequest();
    return of(send({ requestHandler }));
  };

  test('is let in', async () => {
    await expect(send()).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
  });

  test('is refused with another secret', async () => {
    const wrong = { credentials: { ...credentials, secretAccessKey: 'guessed' } };
    await expect(send(wrong)).rejects.toMatchObject({ name: mismatch });
  });

  test('is refused after a change of any part of it', async () => {
    const signed = await capture();
    expect(await sendRaw(plane.endpoint, signed)).toMatchObject({ status: 200 });

    const withHeader = (name: string, value: string): CapturedRequest => ({
      ...signed,
      headers: { ...signed.headers, [name]: value },
    });
    const authorization = signed.headers.authorization ?? '';
    const signedHeaders = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
    const changed: Record<string, CapturedRequest> = {
      method: { ...signed, method: 'PATCH' },
      path: { ...signed, url: `/other${signed.url}` },
      query: { ...signed, url: `${signed.url}${signed.url.includes('?') ? '&' : '?'}added=1` },
      region: withHeader('authorization', authorization.replace('us-east-1', 'eu-north-1')),
      signature: withHeader('authorization', authorization.replace(/Signature=./, 'Signature=x')),
      'a list of signed headers that is shorter': withHeader('authorization', authorization.replace('host;', '')),
      'an added x-amz- header': withHeader('x-amz-expected-bucket-owner', '999999999999'),
    };
    for (const name of signedHeaders) {
      if (name !== 'content-length') changed[`header ${name}`] = withHeader(name, `${signed.headers[name]}0`);
    }
    if (signed.body !== '')
      changed.body = { ...signed, body: signed.body.replace('3', '4').replace('GetCaller', 'SetCaller') };

    for (const [part, request] of Object.entries(changed)) {
      const { status } = await sendRaw(plane.endpoint, request);
      expect.soft({ part, status }).not.toEqual({ part, status: 200 });
    }
  });

  test('is refused when it is older or younger than 15 minutes', async () => {
    const signed = await capture();
    for (const shiftMs of [16 * MINUTE_MS, -16 * MINUTE_MS]) {
      clockShiftMs = shiftMs;
      const { status, text } = await sendRaw(plane.endpoint, signed);
      clockShiftMs = 0;
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).toMatch(/Signature expired|Signature not yet current|RequestTimeTooSkewed/);
    }
  });
});

test('a presigned GetCallerIdentity, as clusters take it for a token, tells who made it', async () => {
  const signer = new SignatureV4({ service: 'sts', region: 'us-east-1', credentials, sha256: Sha256 });
  const { protocol, host, hostname } = new URL(plane.endpoint);
  const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
  const unsigned = { method: 'GET', protocol, hostname, path: '/', query, headers: { host } };
  const signed = await signer.presign(unsigned, { expiresIn: 60 });
  const parameters = new URLSearchParams(signed.query as Record<string, string>);
  const reply = await fetch(`${plane.endpoint}/?${parameters}`);
  expect(reply.status).toBe(200);
  expect(await reply.text()).toContain('<Arn>arn:aws:iam::111122223333:root</Arn>');
});

describe('presigned URLs', () => {
  const sign = (expiresIn: number) =>
    getSignedUrl(new S3Client(settings()), new GetObjectCommand({ Bucket: 'exports', Key: 'a b.json' }), { expiresIn });

  test('are good until they expire, to the second', async () => {
    const url = await sign(60);
    expect((await fetch(url)).status).toBe(200);
    clockShiftMs = 61_000;
    const late = await fetch(url);
    clockShiftMs = 0;
    expect(late.status).toBe(403);
    expect(await late.text()).toMatch(/<Code>AccessDenied<\/Code><Message>Request has expired<\/Message>/);
  });

  test('are refused when key, expiry or signature were changed', async () => {
    const url = await sign(60);
    for (const changed of [
      url.replace('a%20b.json', 'other.json'),
      url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61'),
      url.replace(/X-Amz-Signature=./, 'X-Amz-Signature=x'),
    ]) {
      const reply = await fetch(changed);
      expect(reply.status).toBe(403);
      expect(await reply.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
    }
  });
});

test('an upload is let in, with its bytes hashed or streamed', async () => {
  for (const Body of ['text', Readable.from([Buffer.from('te'), Buffer.from('xt')])]) {
    const command = new PutObjectCommand({ Bucket: 'exports', Key: 'k', Body, ContentLength: 4 });
    await expect(new S3Client(settings()).send(command)).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
  }
});

test('a large upload that is refused is still told why', async () => {
  const wrong = { credentials: { ...credentials, secretAccessKey: 'guessed' } };
  const command = new PutObjectCommand({ Bucket: 'exports', Key: 'k', Body: Buffer.alloc(20 * 1024 * 1024) });
  await expect(new S3Client(settings(wrong)).send(command)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
});

describe('temporary credentials', () => {
  const assume = async () => {
    const { Credentials } = await new STSClient(settings()).send(
      new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::222233334444:role/exporter', RoleSessionName: 'nightly' }),
    );
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  };

  test('sign with the secret that was issued', async () => {
    const issued = await assume();
    const identity = await new STSClient(settings({ credentials: issued })).send(new GetCallerIdentityCommand());
    expect(identity.Arn).toBe('arn:aws:sts::222233334444:assumed-role/exporter/nightly');
    const wrong = { ...issued, secretAccessKey: 'outport' };
    await expect(calls[0]?.send({ credentials: wrong })).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  test('are refused without their token, with another one, once expired and when never issued', async () => {
    const issued = await assume();
    const expected = [
      {
        credentials: { ...issued, sessionToken: undefined },
        json: 'UnrecognizedClientException',
        query: 'InvalidClientTokenId',
        s3: 'InvalidToken',
      },
      {
        credentials: { ...issued, sessionToken: 'AAAA' },
        json: 'UnrecognizedClientException',
        query: 'InvalidClientTokenId',
        s3: 'InvalidToken',
      },
      {
        credentials: { ...issued, accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' },
        json: 'UnrecognizedClientException',
        query: 'InvalidClientTokenId',
        s3: 'InvalidAccessKeyId',
      },
    ];
    for (const { credentials: refused, json, query, s3 } of expected) {
      for (const [index, name] of [json, json, query, s3].entries()) {
        await expect(calls[index]?.send({ credentials: refused })).rejects.toMatchObject({ name });
      }
    }
    clockShiftMs = 61 * MINUTE_MS;
    const late = { credentials: issued, systemClockOffset: clockShiftMs };
    const refusals = await Promise.all(calls.map(({ send }) => send(late).catch((error: Error) => error.name)));
    clockShiftMs = 0;
    expect(refusals).toEqual(['ExpiredTokenException', 'ExpiredTokenException', 'ExpiredToken', 'ExpiredToken']);
  });
});
