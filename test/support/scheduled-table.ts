import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Scheduler } from 'fast-check';
import type { RecordsTable } from '../../src/records/table.ts';
import { Crash } from './crash.ts';

/**
 * The records table as one of several processes uses it whose calls happen in an order that fast-check chooses. The
 * process dies at its `crashAt`th moment: an odd moment is just before a call, an even one just after it.
 */
export function scheduledTable(table: RecordsTable, scheduler: Scheduler, crashAt: number): RecordsTable {
  let moment = 0;
  const pass = () => {
    moment += 1;
    if (moment >= crashAt) throw new Crash(`at moment ${crashAt}`);
  };
  const client = new DynamoDBClient();
  client.middlewareStack.add(
    (next) => async (args) => {
      pass();
      await scheduler.schedule(Promise.resolve());
      const result = await next(args);
      pass();
      return result;
    },
    { step: 'initialize', name: 'schedule' },
  );
  return { name: table.name, client: DynamoDBDocumentClient.from(client) };
}
