import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { RecordsTable } from '../records/table.ts';
import { logError } from './log.ts';

/** Nobody has to say who they are, so that what they cause is bounded: a read of the table in so long. */
const LOOK_AGAIN_MS = 5_000;

const HEALTH_KEY = { pk: 'HEALTH', sk: 'HEALTH' };

/**
 * Answers whether requests can be served: a function that answers has started with a valid configuration and valid
 * policies, and needs nothing else at once but its table. 200 `READY`, or 503 `NOT_READY` with what does not answer.
 */
export function createHealth(records: RecordsTable, now: () => Date) {
  let looked: { readonly atMs: number; readonly isReady: Promise<boolean> } | undefined;

  async function look(requestId: string): Promise<boolean> {
    try {
      await records.client.send(new GetCommand({ TableName: records.name, Key: HEALTH_KEY }));
      return true;
    } catch (error) {
      logError(error, { requestId });
      return false;
    }
  }

  return async (requestId: string): Promise<APIGatewayProxyStructuredResultV2> => {
    const nowMs = now().getTime();
    if (!looked || nowMs - looked.atMs >= LOOK_AGAIN_MS) looked = { atMs: nowMs, isReady: look(requestId) };
    const isReady = await looked.isReady;
    const body = isReady ? { status: 'READY' } : { status: 'NOT_READY', reason: 'The records table does not answer.' };
    return {
      statusCode: isReady ? 200 : 503,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: JSON.stringify(body),
    };
  };
}
