import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { readBody } from '../../../src/local/aws/body.ts';
import { startDataPlane } from '../../support/data-plane.ts';

test('hands a call of the SDK to the service it is signed for', async () => {
  const plane = await startDataPlane({
    services: async () => ({
      dynamodb: {
        eventSource: 'dynamodb.amazonaws.com',
        async handle(call) {
          const { Limit } = JSON.parse((await readBody(call)).toString());
          return {
            status: 200,
            headers: { 'content-type': 'application/x-amz-json-1.0' },
            body: JSON.stringify({ TableNames: [call.caller.arn, call.region, String(Limit)] }),
            event: { eventName: 'ListTables', readOnly: true, managementEvent: true },
          };
        },
      },
    }),
  });
  const dynamodb = new DynamoDBClient({
    endpoint: plane.endpoint,
    region: 'eu-north-1',
    credentials: { accessKeyId: '111122223333', secretAccessKey: 'outport' },
  });
  try {
    const { TableNames } = await dynamodb.send(new ListTablesCommand({ Limit: 7 }));
    expect(TableNames).toEqual(['arn:aws:iam::111122223333:root', 'eu-north-1', '7']);
  } finally {
    dynamodb.destroy();
    await plane.close();
  }
});
