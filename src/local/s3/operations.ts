import type { AwsCall } from '../aws/service.ts';
import { ACL_OPERATIONS } from './acl-operations.ts';
import type { Address } from './address.ts';
import { BUCKET_CONFIGURATION_OPERATIONS } from './bucket-configuration.ts';
import { BUCKET_OPERATIONS } from './bucket-operations.ts';
import { BUCKET_POLICY_OPERATIONS } from './bucket-policy-operations.ts';
import { COPY_OPERATIONS } from './copy-operations.ts';
import { methodNotAllowed, notImplemented } from './errors.ts';
import { LIST_OPERATIONS } from './list-operations.ts';
import { MULTIPART_OPERATIONS } from './multipart-operations.ts';
import { NEVER_CONFIGURED_OPERATIONS } from './never-configured.ts';
import { OBJECT_ATTRIBUTES_OPERATIONS } from './object-attributes.ts';
import { OBJECT_OPERATIONS } from './object-operations.ts';
import { OBJECT_TAGGING_OPERATIONS } from './object-tagging.ts';
import type { Level, Operation } from './operation.ts';
import { READ_OPERATIONS } from './read-operations.ts';
import { unsupportedOperation } from './unsupported-operations.ts';

/** Those that ask for a query parameter or a header come before those of the same method that ask for none. */
const OPERATIONS: readonly Operation[] = [
  ...MULTIPART_OPERATIONS,
  ...COPY_OPERATIONS,
  ...OBJECT_TAGGING_OPERATIONS,
  ...OBJECT_ATTRIBUTES_OPERATIONS,
  ...READ_OPERATIONS,
  ...OBJECT_OPERATIONS,
  ...BUCKET_POLICY_OPERATIONS,
  ...BUCKET_CONFIGURATION_OPERATIONS,
  ...NEVER_CONFIGURED_OPERATIONS,
  ...ACL_OPERATIONS,
  ...LIST_OPERATIONS,
  ...BUCKET_OPERATIONS,
].sort((a, b) => specificity(b) - specificity(a));

/**
 * The operation that a request asks for.
 * @throws S3Error `NotImplemented`, naming the operation, for what this S3 does not do; `MethodNotAllowed` for what none does
 */
export function operationFor(call: AwsCall, address: Address): Operation {
  const level = levelOf(address);
  const unsupported = unsupportedOperation(call, level);
  if (unsupported !== undefined) throw notImplemented(unsupported);
  const found = OPERATIONS.find(
    (operation) =>
      operation.method === call.method &&
      levelOfScope(operation.scope) === level &&
      (operation.query ?? []).every((name) => call.query.has(name)) &&
      (operation.header === undefined || call.headers[operation.header] !== undefined),
  );
  if (!found) throw methodNotAllowed(call.method);
  return found;
}

function levelOfScope(scope: Operation['scope']): Level {
  return scope === 'newBucket' ? 'bucket' : scope;
}

function levelOf({ bucket, key }: Address): Level {
  if (bucket === undefined) return 'service';
  return key === undefined ? 'bucket' : 'object';
}

function specificity({ query, header }: Operation): number {
  return (query?.length ?? 0) + (header === undefined ? 0 : 1);
}
