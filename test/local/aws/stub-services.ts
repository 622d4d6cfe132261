import { finished } from 'node:stream/promises';
import { readBody } from '../../../src/local/aws/body.ts';
import type { AwsCall, AwsReply, AwsService, CallEvent } from '../../../src/local/aws/service.ts';

/** Services that say what reached them: the endpoint is tested without what it leads to. */
export function stubServices(calls: AwsCall[] = []): { dynamodb: AwsService; s3: AwsService } {
  return {
    dynamodb: {
      eventSource: 'dynamodb.amazonaws.com',
      async handle(call) {
        calls.push(call);
        const input = JSON.parse((await readBody(call)).toString());
        if (input.TableName === 'bug') throw new Error('a bug of the service');
        const eventName = call.headers['x-amz-target']?.split('.')[1] ?? '';
        const managementEvent = !eventName.endsWith('Item');
        return reply('application/x-amz-json-1.0', '{}', {
          eventName,
          readOnly: eventName.startsWith('List'),
          managementEvent,
          ...(input.TableName && {
            requestParameters: { tableName: input.TableName },
            resources: [tableOf(call, input.TableName)],
          }),
        });
      },
    },
    s3: {
      eventSource: 's3.amazonaws.com',
      async handle(call) {
        calls.push(call);
        await finished(call.body.resume());
        const eventName = `${call.method === 'PUT' ? 'Put' : 'Get'}Object`;
        return reply('text/plain', 'content', { eventName, readOnly: call.method === 'GET', managementEvent: false });
      },
    },
  };
}

const tableOf = ({ caller: { accountId }, region }: AwsCall, name: string) => ({
  ARN: `arn:aws:dynamodb:${region}:${accountId}:table/${name}`,
  accountId,
  type: 'AWS::DynamoDB::Table',
});

const reply = (type: string, body: string, event: CallEvent): AwsReply => ({
  status: 200,
  headers: { 'content-type': type },
  body,
  event,
});
