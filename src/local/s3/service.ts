import type { AwsCall, AwsService, CallEvent } from '../aws/service.ts';
import { type Address, addressOf } from './address.ts';
import { authorize, authorizeSession, checkExpectedOwner, conditionContext } from './authorization.ts';
import { invalidArgument } from './errors.ts';
import { S3Error } from './object-store.ts';
import type { Operation } from './operation.ts';
import { operationFor } from './operations.ts';
import { checkExpiry } from './presigned.ts';
import { errorReply, type S3Reply } from './reply.ts';
import { parameter } from './request.ts';
import type { S3 } from './s3.ts';

/** Answers the calls of S3's REST API. */
export const createService = (s3: S3): AwsService => ({
  eventSource: 's3.amazonaws.com',
  async handle(call) {
    const heard: { address?: Address; operation?: Operation } = {};
    try {
      checkExpiry(call, s3.now());
      heard.address = addressOf(call);
      heard.operation = operationFor(call, heard.address);
      const reply = await perform(heard.operation, call, heard.address, s3);
      return { ...reply, event: await describe(heard, call, s3) };
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      // Reads the rest of a refused upload: a client that is still sending would not see the answer.
      call.body.resume();
      const reply = errorReply(error, call.path, call.requestId);
      return { ...withoutBodyForHead(call, reply), event: await describe(heard, call, s3, error) };
    }
  },
});

async function perform(operation: Operation, call: AwsCall, address: Address, s3: S3): Promise<S3Reply> {
  if (operation.scope === 'service') {
    authorizeSession(call.caller, 's3:ListAllMyBuckets', '*');
    return operation.perform({ call }, s3);
  }
  const { bucket: bucketName = '', key = '' } = address;
  if (operation.scope === 'newBucket') {
    authorizeSession(call.caller, 's3:CreateBucket', `arn:aws:s3:::${bucketName}`);
    return operation.perform({ call, bucketName }, s3);
  }
  const bucket = await s3.buckets.get(bucketName);
  checkExpectedOwner(bucket, parameter(call, 'x-amz-expected-bucket-owner'));
  const access = { caller: call.caller, bucket, context: conditionContext(call) };
  for (const action of operation.actions) {
    authorize({ ...access, action, ...(operation.scope === 'object' && { key }) });
  }
  if (operation.scope === 'bucket') return operation.perform({ call, bucket }, s3);
  const versionId = call.query.get('versionId');
  if (versionId !== null && versionId !== 'null') {
    throw invalidArgument('Invalid version id specified', 'versionId', versionId);
  }
  return operation.perform({ call, bucket, key }, s3);
}

/** What CloudTrail records: calls on objects and lists of objects are data events, the rest management events. */
async function describe(
  { address = {}, operation }: { address?: Address; operation?: Operation },
  call: AwsCall,
  s3: S3,
  error?: S3Error,
): Promise<CallEvent> {
  const bucket = address.bucket === undefined ? undefined : await s3.buckets.find(address.bucket);
  return {
    eventName: operation?.eventName ?? operation?.name ?? `${call.method} ${call.path}`,
    readOnly: operation?.readOnly ?? (call.method === 'GET' || call.method === 'HEAD'),
    managementEvent: operation?.management ?? address.key === undefined,
    requestParameters: requestParameters(address, call),
    responseElements: null,
    ...(error && { errorCode: error.code, errorMessage: error.message }),
    ...(address.bucket !== undefined && {
      resources: resourcesOf(address.bucket, address.key, bucket?.ownerAccountId),
    }),
  };
}

function requestParameters({ bucket, key }: Address, call: AwsCall): Record<string, unknown> {
  const parameters: Record<string, unknown> = { Host: call.host };
  if (bucket !== undefined) parameters.bucketName = bucket;
  if (key !== undefined) parameters.key = key;
  for (const [name, value] of call.query) {
    // Credentials of presigned URLs do not belong into a log; `x-id` is what SDKs note for themselves.
    if (!/^x-amz-|^x-id$/i.test(name)) parameters[name] = value;
  }
  return parameters;
}

function resourcesOf(bucket: string, key: string | undefined, accountId: string | undefined): CallEvent['resources'] {
  const arn = `arn:aws:s3:::${bucket}`;
  return [
    ...(key === undefined ? [] : [{ type: 'AWS::S3::Object', ARN: `${arn}/${key}` }]),
    { type: 'AWS::S3::Bucket', ARN: arn, ...(accountId !== undefined && { accountId }) },
  ];
}

const withoutBodyForHead = (call: AwsCall, reply: S3Reply): S3Reply =>
  call.method === 'HEAD' ? { status: reply.status, headers: {} } : reply;
