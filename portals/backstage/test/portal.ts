import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { coreServices, createServiceFactory, type PermissionsService } from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { type AuthorizePermissionRequest, AuthorizeResult } from '@backstage/plugin-permission-common';
import type { JsonObject } from '@backstage/types';
import {
  OUTPORT_TABLE_ARN_ANNOTATION,
  OutportBackendClient,
  outportExportReadPermission,
} from '@outport/backstage-plugin-outport-common';
import { createTable, setRecovery } from '../../../test/support/create-table.ts';
import { type OutportProcess, startOutport } from '../../../test/support/outport.ts';
import outportPlugin from '../plugins/outport-backend/src/index';

export const ORDERS = 'resource:default/orders';
export const INVOICES = 'resource:default/invoices';
export const BUCKET = 'lake';
/** Its policy denies writing data files, which an export meets only after it was started. */
export const CLOSED_BUCKET = 'closed';

/** May see exports, but not start any. */
export const READER = 'user:default/reader';

/** An Outport that runs, with a table `orders`, the bucket `lake`, and a table `invoices` without recovery. */
export async function startOutportWithTables() {
  const outport = await startOutport();
  const connection = {
    endpoint: outport.awsEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'outport' },
  };
  const dynamodb = new DynamoDBClient(connection);
  const s3 = new S3Client({ ...connection, forcePathStyle: true });
  for (const name of ['orders', 'invoices']) await createTable(dynamodb, name);
  await setRecovery(dynamodb, 'orders', true);
  for (const pk of ['1', '2', '3'])
    await dynamodb.send(new PutItemCommand({ TableName: 'orders', Item: { pk: { S: pk } } }));
  for (const Bucket of [BUCKET, CLOSED_BUCKET]) await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketPolicyCommand({ Bucket: CLOSED_BUCKET, Policy: JSON.stringify(DENY_DATA_FILES) }));
  dynamodb.destroy();
  s3.destroy();
  return outport;
}

const DENY_DATA_FILES = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: `arn:aws:s3:::${CLOSED_BUCKET}/*/data/*` },
  ],
};

/** A Backstage backend with the plugin, whose catalog names both tables and has an entity that is no table. */
export async function startBackstage({ graphqlUrl, websocketUrl, token }: OutportProcess, changes: JsonObject = {}) {
  const configured = { url: graphqlUrl, webSocketUrl: websocketUrl, auth: { token }, ...changes };
  const backend = await startTestBackend({
    features: [
      outportPlugin,
      catalogServiceMock.factory({ entities: [tableEntity('orders'), tableEntity('invoices'), website] }),
      createServiceFactory({ service: coreServices.permissions, deps: {}, factory: () => permissions }),
      mockServices.rootConfig.factory({ data: { outport: configured } }),
    ],
  });
  return { stop: () => backend.stop(), baseUrl: `http://localhost:${backend.server.port()}/api/outport` };
}

/** Asks a Backstage as a user, a service or nobody does. */
export function outportFor({ baseUrl }: { baseUrl: string }, authorization: string): OutportBackendClient {
  return new OutportBackendClient({
    discoveryApi: { getBaseUrl: async () => baseUrl },
    fetchApi: { fetch: (input, init) => fetch(input, { ...init, headers: { ...init?.headers, authorization } }) },
  });
}

/** Everybody may see exports, and all but the reader may start some. */
const permissions: PermissionsService = {
  async authorize(requests, { credentials }) {
    const isReader = JSON.stringify(credentials).includes(READER);
    const mayDo = ({ permission }: AuthorizePermissionRequest) =>
      !isReader || permission.name === outportExportReadPermission.name;
    return requests.map((each) => ({ result: mayDo(each) ? AuthorizeResult.ALLOW : AuthorizeResult.DENY }));
  },
  authorizeConditional: async (requests) => requests.map(() => ({ result: AuthorizeResult.DENY })),
};

const website: Entity = { apiVersion: 'backstage.io/v1alpha1', kind: 'Resource', metadata: { name: 'website' } };

const tableEntity = (name: string): Entity => ({
  ...website,
  metadata: { name, annotations: { [OUTPORT_TABLE_ARN_ANNOTATION]: tableArn(name) } },
});

export const tableArn = (name: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;
