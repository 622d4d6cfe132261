import { crc32 } from 'node:zlib';
import { readBody } from '../aws/body.ts';
import type { AwsCall, AwsReply } from '../aws/service.ts';
import { authorize } from './authorization.ts';
import { callEvent, unknownCall } from './call-event.ts';
import { DynamoDbError, serializationError, unknownOperation } from './errors.ts';
import { withoutNulls } from './null-members.ts';
import { operations } from './operations.ts';
import type { OperationContext, Requester } from './service-context.ts';

const TARGET_PREFIX = 'DynamoDB_20120810.';

/** AWS JSON 1.0: `X-Amz-Target` names the operation, the body carries its input (facts §1.1). */
export async function answer(call: AwsCall, context: OperationContext): Promise<AwsReply> {
  const target = call.headers['x-amz-target'] ?? '';
  const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
  const operation = operations.get(name);
  if (!operation) {
    const error = unknownOperation();
    return { ...refused(call, error), event: unknownCall(target, error) };
  }
  const { caller, region, host } = call;
  const requester: Requester = { accountId: caller.accountId, region, caller, host };
  let data: object = {};
  try {
    data = parseBody(await readBody(call));
    authorize(name, data, requester);
    const reply = await operation.run(context, requester, data);
    const event = callEvent(name, operation, data, { reply }, context.tables, requester);
    return { ...json(call, 200, JSON.stringify(reply)), event };
  } catch (error) {
    // Anything else is a bug: the endpoint answers it and writes it to the log.
    if (!(error instanceof DynamoDbError)) throw error;
    return { ...refused(call, error), event: callEvent(name, operation, data, { error }, context.tables, requester) };
  }
}

function parseBody(body: Buffer): object {
  let data: unknown;
  try {
    const text = body.toString();
    data = JSON.parse(text);
    if (text.includes('null')) data = withoutNulls(data);
  } catch {
    throw serializationError('');
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw serializationError('');
  return data;
}

function refused(call: AwsCall, { type, message, details }: DynamoDbError): Omit<AwsReply, 'event'> {
  return json(call, 400, JSON.stringify({ __type: type, ...(message && { message }), ...details }));
}

function json(call: AwsCall, status: number, body: string): Omit<AwsReply, 'event'> {
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-crc32': crc32(body),
      'x-amzn-requestid': call.requestId,
    },
    body,
  };
}
