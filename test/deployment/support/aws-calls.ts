import type { IncomingHttpHeaders } from 'node:http';

/** A call as IAM judges it. Some operations are judged twice: for what they do, and for what they carry. */
export interface AwsCall {
  readonly action: string;
  /** The ARN, or `*` for actions that know no resource. */
  readonly resource: string;
}

export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Scope {
  readonly account: string;
  readonly region: string;
}

/** DynamoDB's actions without a resource of their own. */
const WITHOUT_RESOURCE = new Set(['ListExports', 'ListTables']);

/**
 * Which permissions a request of an SDK needs.
 * @param scope whose names without an account are meant
 * @throws Error for a request that it has not been taught: no permission may be forgotten
 */
export function callsOf(request: RawRequest, scope: Scope): AwsCall[] {
  const operation = String(request.headers['x-amz-target']).split('.').pop() ?? '';
  switch (serviceOf(request)) {
    case 'dynamodb':
      return dynamodbCalls(operation, JSON.parse(request.body), scope);
    case 'cloudtrail':
      return [{ action: `cloudtrail:${operation}`, resource: '*' }];
    case 'events':
      return eventBusCalls(operation, JSON.parse(request.body), scope);
    case 'sts':
      return stsCalls(new URLSearchParams(request.body));
    case 's3':
      return s3Calls(request);
    case 'execute-api':
      return [managementCall(request, scope)];
    default:
      throw unknownRequest(request);
  }
}

/** The service that a request is signed for. */
export function serviceOf({ headers }: Pick<RawRequest, 'headers'>): string | undefined {
  return /Credential=[^,]*\/([\w-]+)\/aws4_request/.exec(headers.authorization ?? '')?.[1];
}

/** A transaction is judged by what it does to each item. */
function dynamodbCalls(
  operation: string,
  input: Parameters<typeof dynamodbCall>[1] & {
    TransactItems?: ReadonlyArray<Readonly<Record<string, { TableName?: string }>>>;
  },
  scope: Scope,
): AwsCall[] {
  const { TransactItems } = input;
  if (TransactItems === undefined) return [dynamodbCall(operation, input, scope)];
  return TransactItems.flatMap((entry) =>
    Object.entries(entry).map(([verb, item]) => dynamodbCall(`${verb}Item`, item, scope)),
  );
}

function dynamodbCall(
  operation: string,
  input: { TableName?: string; TableArn?: string; ExportArn?: string; IndexName?: string },
  { account, region }: Scope,
): AwsCall {
  const action = `dynamodb:${operation}`;
  if (WITHOUT_RESOURCE.has(operation)) return { action, resource: '*' };
  const name = input.ExportArn ?? input.TableArn ?? input.TableName ?? '';
  const table = name.startsWith('arn:') ? name : `arn:aws:dynamodb:${region}:${account}:table/${name}`;
  return { action, resource: input.IndexName ? `${table}/index/${input.IndexName}` : table };
}

/** What is sent to several buses needs a permission for each. */
const eventBusCalls = (
  operation: string,
  { Entries }: { Entries: ReadonlyArray<{ EventBusName: string }> },
  { account, region }: Scope,
): AwsCall[] =>
  Entries.map(({ EventBusName }) => ({
    action: `events:${operation}`,
    resource: `arn:aws:events:${region}:${account}:event-bus/${EventBusName}`,
  }));

function stsCalls(form: URLSearchParams): AwsCall[] {
  const resource = form.get('RoleArn') ?? '';
  return [
    { action: `sts:${form.get('Action')}`, resource },
    ...(form.has('SourceIdentity') ? [{ action: 'sts:SetSourceIdentity', resource }] : []),
    ...(form.has('Tags.member.1.Key') ? [{ action: 'sts:TagSession', resource }] : []),
  ];
}

function s3Calls(request: RawRequest): AwsCall[] {
  const { method, headers } = request;
  const { pathname, searchParams } = new URL(request.url, 'http://s3');
  const [, bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/s.exec(decodeURIComponent(pathname)) ?? [];
  const object = `arn:aws:s3:::${bucket}/${key}`;
  if (!key && ((method === 'GET' && searchParams.has('list-type')) || method === 'HEAD')) {
    return [{ action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` }];
  }
  if (key && (method === 'GET' || method === 'HEAD')) return [{ action: 's3:GetObject', resource: object }];
  if (method === 'POST' && searchParams.has('uploads')) {
    const acl = headers['x-amz-acl'] === undefined ? [] : [{ action: 's3:PutObjectAcl', resource: object }];
    return [{ action: 's3:PutObject', resource: object }, ...acl];
  }
  if (method === 'DELETE' && searchParams.has('uploadId')) {
    return [{ action: 's3:AbortMultipartUpload', resource: object }];
  }
  throw unknownRequest(request);
}

/** The stage and the path of API Gateway's management API, as its ARNs have them. */
function managementCall({ method, url }: RawRequest, { account, region }: Scope): AwsCall {
  const [, stage, path] = /^\/([^/]+)\/(@connections\/.*)$/.exec(url) ?? [];
  return {
    action: 'execute-api:ManageConnections',
    resource: `arn:aws:execute-api:${region}:${account}:websocket/${stage}/${method}/${path}`,
  };
}

const unknownRequest = ({ method, url, headers }: RawRequest): Error =>
  new Error(`no permission is known for ${method} ${url} ${headers['x-amz-target'] ?? ''}`);
