import type { SignatureClaims } from './credentials.ts';
import { isServiceName, type Protocol, type ServiceName, WIRES } from './wire.ts';
import type { WireRequest } from './wire-request.ts';

const FORM = 'application/x-www-form-urlencoded';

/** The service a request is signed for, or undefined when the endpoint does not serve it. */
export const serviceOf = ({ service }: SignatureClaims): ServiceName | undefined =>
  isServiceName(service) ? service : undefined;

/** Without a readable credential scope, what the request looks like decides who refuses it. */
export function unsignedServiceOf({ headers }: WireRequest): ServiceName {
  const target = headers['x-amz-target'];
  if (target?.startsWith('DynamoDB')) return 'dynamodb';
  if (target?.includes('CloudTrail_20131101.')) return 'cloudtrail';
  if (target?.startsWith('AWSEvents.')) return 'events';
  if (headers['content-type']?.startsWith(FORM)) return 'sts';
  return 's3';
}

/** The protocol to answer in when there is no service to say so. */
export function protocolOf({ headers }: WireRequest, service: ServiceName | undefined): Protocol {
  if (service) return WIRES[service].protocol;
  if (headers['x-amz-target']) return headers['content-type']?.includes('json-1.0') ? 'json-1.0' : 'json-1.1';
  return headers['content-type']?.startsWith(FORM) ? 'query' : 'rest-xml';
}

/** A person with a browser or curl, rather than a client of AWS. */
export const isUnsignedGet = ({ method, query, headers }: WireRequest): boolean =>
  method === 'GET' && query.size === 0 && !headers.authorization;

export const isGreeting = (request: WireRequest): boolean => request.path === '/' && isUnsignedGet(request);

export const greeting = (
  endpoint: string,
): string => `Outport's local AWS endpoint is up: DynamoDB, S3, CloudTrail, STS and EventBridge's PutEvents.

Point a client at it:

  export AWS_ENDPOINT_URL=${endpoint}
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=outport
  aws dynamodb list-tables

An access key id of 12 digits is the account that calls; any other one belongs to account 000000000000.

${endpoint}/_outport/backups shows what the backups of tables take on this machine, and
${endpoint}/_outport/events the newest events on its bus.
`;
