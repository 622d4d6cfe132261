import type { CallEvent } from './service.ts';
import type { ServiceName } from './wire.ts';
import type { WireRequest } from './wire-request.ts';

type Operation = Pick<CallEvent, 'eventName' | 'readOnly' | 'managementEvent'>;

const READS = /^(Get|Head|List|Describe|Lookup|Query|Scan|Select|BatchGet|TransactGet|Download|Search)/;

/** Operations on items: CloudTrail's data events of DynamoDB. */
const ITEM_OPERATIONS = new Set([
  'BatchExecuteStatement',
  'BatchGetItem',
  'BatchWriteItem',
  'DeleteItem',
  'ExecuteStatement',
  'ExecuteTransaction',
  'GetItem',
  'PutItem',
  'Query',
  'Scan',
  'TransactGetItems',
  'TransactWriteItems',
  'UpdateItem',
]);

/** Names the operation of a request that no service has seen, for the record of its refusal. */
export function operationOf(
  request: WireRequest,
  service: ServiceName | undefined,
  body: Buffer | undefined,
): Operation {
  const eventName = request.headers['x-amz-target']?.split('.').pop() ?? queryAction(request, body);
  if (eventName === undefined) return objectOperation(request);
  return {
    eventName,
    readOnly: READS.test(eventName),
    managementEvent: service !== 'dynamodb' || !ITEM_OPERATIONS.has(eventName),
  };
}

function queryAction({ headers, query }: WireRequest, body: Buffer | undefined): string | undefined {
  const inQuery = query.get('Action');
  if (inQuery) return inQuery;
  if (!body || !headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return undefined;
  return new URLSearchParams(body.toString()).get('Action') ?? undefined;
}

/** A refused request of S3, by its method and what its path names; sub-resources are not told apart. */
function objectOperation({ method, path }: WireRequest): Operation {
  const [, bucket, key] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const verb = { GET: 'Get', HEAD: 'Head', PUT: 'Put', POST: 'Post', DELETE: 'Delete' }[method] ?? 'Unknown';
  const readOnly = verb === 'Get' || verb === 'Head';
  if (!bucket) return { eventName: 'ListBuckets', readOnly, managementEvent: true };
  if (key) return { eventName: `${verb}Object`, readOnly, managementEvent: false };
  const names: Readonly<Record<string, string>> = { Get: 'ListObjects', Put: 'CreateBucket' };
  return { eventName: names[verb] ?? `${verb}Bucket`, readOnly, managementEvent: verb !== 'Get' };
}
