import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListEventBusesCommand } from '@aws-sdk/client-eventbridge';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FUNCTION_NAMES } from './support/packaged-service.ts';

const hasMoto = canImportMoto();
if (!hasMoto) console.warn('moto is not installed: no deployment is tried (pip install "moto[server]" cfn-lint)');

let server: ChildProcess;
let endpoint: string;

/** A deployment into an AWS that is not there: moto has CloudFormation, DynamoDB, IAM, Lambda, S3 and Logs, to a degree. */
describe.skipIf(!hasMoto)('serverless, against moto', () => {
  beforeAll(async () => {
    const port = await freePort();
    endpoint = `http://127.0.0.1:${port}`;
    server = spawn('python3', ['test/deployment/support/moto_server.py', String(port)], { stdio: 'ignore' });
    await untilItAnswers();
    await serverless('deploy', '--param', 'issuers=[{"issuer":"https://id.example","audience":"outport"}]');
  }, 240_000);
  afterAll(() => {
    server.kill();
  });

  test('deploys the functions with what they need to know', async () => {
    for (const name of FUNCTION_NAMES) {
      const { Configuration } = await functionOf(name);

      expect(Configuration).toMatchObject({ Runtime: 'nodejs24.x', Handler: `build/${name}/index.handler` });
      expect(Configuration.Role).toMatch(/:role\/outport-moto-/);
      expect(Configuration.Environment.Variables.OUTPORT_ISSUERS).toContain('https://id.example');
    }
    const { Configuration } = await functionOf('publish');
    expect(Configuration.Environment.Variables.OUTPORT_WEBSOCKET_ENDPOINT).toMatch(
      /^wss:\/\/\w+\.execute-api\..*\/moto$/,
    );
  });

  test('deploys the table, by the name that the functions are told', async () => {
    const { Configuration } = await functionOf('graphql');
    const TableName: string = Configuration.Environment.Variables.OUTPORT_TABLE;
    const dynamodb = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: CREDENTIALS });
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    dynamodb.destroy();

    expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(Table?.DeletionProtectionEnabled).toBe(true);
  });

  test('deploys again over what is there', async () => {
    await serverless('deploy', '--param', 'issuers=[{"issuer":"https://other.example","audience":"outport"}]');

    const { Configuration } = await functionOf('graphql');
    expect(Configuration.Environment.Variables.OUTPORT_ISSUERS).toContain('https://other.example');
  }, 240_000);

  test('removes everything but the table', async () => {
    const { Configuration } = await functionOf('graphql');
    const before = await whatThereIs();
    await serverless('remove');
    const after = await whatThereIs();

    expect(before.buses).toContain('outport-moto');
    expect(before.roles).toHaveLength(FUNCTION_NAMES.length);
    expect(before.buckets).toHaveLength(1);
    expect(after).toEqual({
      tables: [Configuration.Environment.Variables.OUTPORT_TABLE],
      buses: ['default'],
      buckets: [],
      roles: [],
    });
    for (const name of FUNCTION_NAMES) expect(await functionOf(name)).not.toHaveProperty('Configuration');
  }, 240_000);
});

/** By name. */
async function whatThereIs() {
  const settings = { endpoint, region: 'us-east-1', credentials: CREDENTIALS };
  const [dynamodb, events, s3] = [
    new DynamoDBClient(settings),
    new EventBridgeClient(settings),
    new S3Client(settings),
  ];
  const { TableNames: tables } = await dynamodb.send(new ListTablesCommand());
  const { EventBuses } = await events.send(new ListEventBusesCommand());
  const { Buckets = [] } = await s3.send(new ListBucketsCommand());
  for (const client of [dynamodb, events, s3]) client.destroy();
  const listed = await fetch(endpoint, {
    method: 'POST',
    headers: { ...signedFor('iam'), 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=ListRoles&Version=2010-05-08',
  });
  const roles = [...(await listed.text()).matchAll(/<RoleName>(.*?)<\/RoleName>/g)].map(([, name]) => name);
  return {
    tables,
    buses: EventBuses?.map(({ Name }) => Name),
    buckets: Buckets.map(({ Name }) => Name),
    roles,
  };
}

const CREDENTIALS = { accessKeyId: 'moto', secretAccessKey: 'moto' };

function serverless(...args: string[]) {
  return promisify(execFile)(
    process.execPath,
    ['node_modules/serverless/bin/serverless.js', ...args, '--stage', 'moto'],
    {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: 'moto',
        AWS_SECRET_ACCESS_KEY: 'moto',
        AWS_MAX_ATTEMPTS: '10',
      },
    },
  );
}

// biome-ignore lint/suspicious/noExplicitAny: Lambda's own description of a function
async function functionOf(name: string): Promise<any> {
  const headers = signedFor('lambda');
  const answer = await fetch(`${endpoint}/2015-03-31/functions/outport-moto-${name}`, { headers });
  return answer.json();
}

/** moto tells services apart by what a request is signed for, and checks no signature. */
const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=moto/20260101/us-east-1/${service}/aws4_request`,
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function untilItAnswers(): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`moto ended with ${server.exitCode}`);
    const answers = await fetch(`${endpoint}/moto-api/`).then(
      () => true,
      () => false,
    );
    if (answers) return;
    await wait(100);
  }
}

function canImportMoto(): boolean {
  try {
    execFileSync('python3', ['-c', 'import moto.server, cfnlint'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
