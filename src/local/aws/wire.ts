/** The services of the embedded data plane, by their SigV4 signing names. */
export type ServiceName = 'dynamodb' | 's3' | 'cloudtrail' | 'sts' | 'events';

/** How a service's requests and errors are written. */
export type Protocol = 'json-1.0' | 'json-1.1' | 'query' | 'rest-xml';

export interface Wire {
  readonly protocol: Protocol;
  /** CloudTrail's `apiVersion`; S3 records carry none. */
  readonly apiVersion?: string;
}

export const WIRES: Readonly<Record<ServiceName, Wire>> = {
  dynamodb: { protocol: 'json-1.0', apiVersion: '2012-08-10' },
  s3: { protocol: 'rest-xml' },
  cloudtrail: { protocol: 'json-1.1', apiVersion: '2013-11-01' },
  sts: { protocol: 'query', apiVersion: '2011-06-15' },
  events: { protocol: 'json-1.1', apiVersion: '2015-10-07' },
};

/** DynamoDB's own limit of a request; none of the JSON and Query services needs a larger one. */
export const BODY_SIZE_BYTES_MAX = 16 * 1024 * 1024;

export const isServiceName = (name: string): name is ServiceName => Object.hasOwn(WIRES, name);
