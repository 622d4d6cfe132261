import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDataPlane } from '../../support/data-plane.ts';

const HOUR_MS = 3600_000;
const ROLE = 'arn:aws:iam::222233334444:role/teams/data/exporter';

let directory: string;
let plane: Awaited<ReturnType<typeof startDataPlane>>;
let nowMs = Date.parse('2026-11-23T10:00:00.900Z');

const start = () => startDataPlane({ directory, now: () => nowMs, services: async () => ({}) });

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'outport-sts-'));
  plane = await start();
});
afterAll(async () => {
  await plane.close();
  await rm(directory, { recursive: true });
});

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

const client = (credentials: Keys = { accessKeyId: '111122223333', secretAccessKey: 'outport' }) =>
  new STSClient({ endpoint: plane.endpoint, region: 'us-east-1', credentials });

const assume = (input: Partial<AssumeRoleCommandInput> = {}, keys?: Keys) =>
  client(keys).send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'nightly', ...input }));

async function keysOf(assumed: ReturnType<typeof assume>): Promise<Keys> {
  const { Credentials } = await assumed;
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

test('GetCallerIdentity names the root user of the account that the access key is', async () => {
  expect(await client().send(new GetCallerIdentityCommand())).toMatchObject({
    Account: '111122223333',
    Arn: 'arn:aws:iam::111122223333:root',
    UserId: '111122223333',
  });
});

describe('AssumeRole', () => {
  test('issues credentials that act as the session of the role, in the role’s account', async () => {
    const assumed = await assume({ SourceIdentity: 'alice', DurationSeconds: 900 });
    expect(assumed).toMatchObject({
      AssumedRoleUser: {
        Arn: 'arn:aws:sts::222233334444:assumed-role/exporter/nightly',
        AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:nightly$/),
      },
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
        SecretAccessKey: expect.stringMatching(/^[\w+/]{40}$/),
        Expiration: new Date('2026-11-23T10:15:00Z'),
      },
      SourceIdentity: 'alice',
    });
    const identity = await client(await keysOf(Promise.resolve(assumed))).send(new GetCallerIdentityCommand());
    expect(identity).toMatchObject({
      Account: '222233334444',
      Arn: 'arn:aws:sts::222233334444:assumed-role/exporter/nightly',
      UserId: assumed.AssumedRoleUser?.AssumedRoleId,
    });
  });

  test('takes policy, policy ARNs, tags and external id', async () => {
    const { Credentials } = await assume({
      ExternalId: 'partner:7',
      Policy: JSON.stringify({ Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }),
      PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
      Tags: [{ Key: 'team', Value: 'data & <more>' }],
    });
    expect(Credentials?.SessionToken).toHaveLength(256);
  });

  test('keeps the source identity along a chain of roles, and does not let it be changed', async () => {
    const first = await keysOf(assume({ SourceIdentity: 'alice' }));
    const second = await assume({ RoleArn: 'arn:aws:iam::555566667777:role/reader' }, first);
    expect(second.SourceIdentity).toBe('alice');
    await expect(assume({ SourceIdentity: 'mallory' }, first)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(assume({ DurationSeconds: 3601 }, first)).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    });
  });

  const constraint = (member: string, value: string, text: string) =>
    `1 validation error detected: Value ${value} at '${member}' failed to satisfy constraint: ${text}`;

  test.each<{ input: Partial<AssumeRoleCommandInput>; message: string; name?: string }>([
    { input: { RoleArn: undefined }, message: constraint('roleArn', 'null', 'Member must not be null') },
    {
      input: { RoleArn: 'role/x' },
      message: constraint('roleArn', "'role/x'", 'Member must have length greater than or equal to 20'),
    },
    { input: { RoleArn: 'arn:aws:iam::222233334444:user/x' }, message: 'arn:aws:iam::222233334444:user/x is invalid' },
    {
      input: { RoleArn: 'arn:aws:iam::22223333:role/exporter' },
      message: 'arn:aws:iam::22223333:role/exporter is invalid',
    },
    {
      input: { RoleSessionName: undefined },
      message: constraint('roleSessionName', 'null', 'Member must not be null'),
    },
    {
      input: { RoleSessionName: 'a' },
      message: constraint('roleSessionName', "'a'", 'Member must have length greater than or equal to 2'),
    },
    {
      input: { RoleSessionName: 'a b' },
      message: constraint('roleSessionName', "'a b'", 'Member must satisfy regular expression pattern: [\\w+=,.@-]*'),
    },
    {
      input: { DurationSeconds: 899 },
      message: constraint('durationSeconds', "'899'", 'Member must have value greater than or equal to 900'),
    },
    {
      input: { DurationSeconds: 43_201 },
      message: constraint('durationSeconds', "'43201'", 'Member must have value less than or equal to 43200'),
    },
    {
      input: { SourceIdentity: 'aws:me' },
      message: constraint('sourceIdentity', "'aws:me'", 'Member must satisfy regular expression pattern: [\\w+=,.@-]*'),
    },
    { input: { Policy: '{' }, name: 'MalformedPolicyDocument', message: 'The policy is not in the valid JSON format.' },
  ])('refuses $input', async ({ input, message, name = 'ValidationError' }) => {
    const refusal = await assume(input).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ message, $metadata: { httpStatusCode: 400 } });
    expect(refusal).toHaveProperty('Code', name);
  });
});

test('an action that is not served is named', async () => {
  const reply = await fetch(plane.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-amz-date': '20261123T100000Z',
      authorization: 'AWS4-HMAC-SHA256 Credential=1/20261123/r/sts/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: 'Action=GetSessionToken&Version=2011-06-15',
  });
  expect(reply.status).toBe(400);
  expect(await reply.text()).toMatch(
    /<Code>InvalidAction<\/Code><Message>Could not find operation GetSessionToken for version 2011-06-15<\/Message>/,
  );
});

test('sessions outlive a restart, say that they expired, and are forgotten a day later', async () => {
  const keys = await keysOf(assume({ DurationSeconds: 43_200 }));
  const identity = () => client(keys).send(new GetCallerIdentityCommand());
  const restart = async () => {
    await plane.close();
    plane = await start();
  };

  await restart();
  await expect(identity()).resolves.toMatchObject({ Account: '222233334444' });
  nowMs += 12 * HOUR_MS;
  await expect(identity()).rejects.toMatchObject({ name: 'ExpiredToken' });
  nowMs += 24 * HOUR_MS;
  await restart();
  // Closing waits for the sweep that opening began.
  await restart();
  await expect(identity()).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
});
