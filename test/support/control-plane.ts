import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createControlPlane } from '../../src/lambda/control-plane.ts';
import { createGraphqlHandler } from '../../src/lambda/graphql-handler.ts';
import { openDataPlane } from '../../src/local/data-plane.ts';
import { recordsTableDefinition } from '../../src/records/table.ts';
import { PACKAGES } from '../packaged/support/packaged-environment.ts';
import { startPackagedFunction } from '../packaged/support/packaged-function.ts';
import { createTable, setRecovery, tableExists } from './create-table.ts';
import { startTestIssuer } from './test-issuer.ts';

const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
const REGION = 'eu-central-1';

export const tableArnOf = (name: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;

export interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any query
  readonly body: any;
}

/** The control plane over the embedded data plane, both in the test's own process, with a table and buckets to export. */
export async function startControlPlane(
  env: NodeJS.ProcessEnv = {},
  { now, faultsFile }: { now?: () => number; faultsFile?: string } = {},
) {
  const directory = await mkdtemp(path.join(tmpdir(), 'outport-test-'));
  const dataPlane = await openDataPlane({
    directory,
    port: 0,
    workerFile: path.resolve('build/cli/export-worker.mjs'),
    now,
    faultsFile,
  });
  const issuer = await startTestIssuer();
  const settings = {
    AWS_ENDPOINT_URL: dataPlane.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: 'outport',
    OUTPORT_TABLE: 'outport-records',
    OUTPORT_ISSUERS: JSON.stringify([{ issuer: issuer.url, audience: issuer.audience }]),
    OUTPORT_EXPORT_ROLE: 'OutportExport',
    ...env,
  };
  // The SDK reads its settings from the process, as it does in Lambda.
  Object.assign(process.env, settings);
  const dynamodb = new DynamoDBClient();
  const s3 = new S3Client();
  const strangerS3 = new S3Client({ credentials: { accessKeyId: OTHER_ACCOUNT, secretAccessKey: 'outport' } });
  await dynamodb.send(new CreateTableCommand(recordsTableDefinition(settings.OUTPORT_TABLE)));
  await tableExists(dynamodb, settings.OUTPORT_TABLE);
  const controlPlane = createControlPlane(settings, 'policies');
  const packaged = PACKAGES === undefined ? undefined : startPackagedFunction('graphql', settings);
  const handler = packaged?.handler ?? createGraphqlHandler(controlPlane);

  return {
    controlPlane,
    outport: controlPlane.outport,
    issuer,
    /** The functions' environment. */
    settings,
    dynamodb,
    s3,
    /** S3 as another account sees it. */
    strangerS3,
    endpoint: dataPlane.endpoint,

    /** Sends an event to the function as API Gateway does. */
    async send(body: string, headers: Record<string, string> = {}, method = 'POST'): Promise<GraphqlAnswer> {
      const result = await handler(httpApiEvent(method, body, { 'content-type': 'application/json', ...headers }));
      return {
        status: result.statusCode ?? 200,
        headers: result.headers ?? {},
        body: result.body ? JSON.parse(result.body) : null,
      };
    },

    query(token: string, query: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer> {
      return this.send(JSON.stringify({ query, variables }), { authorization: `Bearer ${token}` });
    },

    async createTable(name: string, { recovery = true, items = 3 } = {}): Promise<string> {
      await createTable(dynamodb, name);
      for (let n = 0; n < items; n += 1) {
        await dynamodb.send(new PutItemCommand({ TableName: name, Item: { pk: { S: String(n) } } }));
      }
      if (recovery) await this.setRecovery(name, true);
      return tableArnOf(name);
    },

    async setRecovery(name: string, enabled: boolean): Promise<void> {
      await setRecovery(dynamodb, name, enabled);
    },

    async createBucket(name: string, account = ACCOUNT): Promise<string> {
      const owner = new S3Client({ credentials: { accessKeyId: account, secretAccessKey: 'outport' } });
      await owner.send(new CreateBucketCommand({ Bucket: name }));
      owner.destroy();
      return name;
    },

    async deleteBucket(name: string): Promise<void> {
      await s3.send(new DeleteBucketCommand({ Bucket: name }));
    },

    async close(): Promise<void> {
      dynamodb.destroy();
      s3.destroy();
      strangerS3.destroy();
      await packaged?.close();
      await dataPlane.close();
      await issuer.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type TestControlPlane = Awaited<ReturnType<typeof startControlPlane>>;

/** A request as API Gateway's HTTP API hands it to a function (payload 2.0). */
export function httpApiEvent(method: string, body: string, headers: Record<string, string>): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: `${method} /graphql`,
    rawPath: '/graphql',
    rawQueryString: '',
    headers,
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'test',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method, path: '/graphql', protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: 'outport-test' },
      requestId: randomUUID(),
      routeKey: `${method} /graphql`,
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    body,
    isBase64Encoded: false,
  };
}
