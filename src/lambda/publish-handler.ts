import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Context, DynamoDBBatchItemFailure, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { readSubscriptions } from '../records/connections.ts';
import { type ExportRecord, parseExportRecord } from '../records/export-records.ts';
import { exportTopic } from '../resolvers/capture-pub-sub.ts';
import { inParallel } from '../services/in-parallel.ts';
import { type Delivery, deliver } from '../services/subscriptions/deliver.ts';
import type { Sender } from '../services/subscriptions/sender.ts';
import type { ControlPlane } from './control-plane.ts';
import { log, logError } from './log.ts';
import { measureEnd } from './measure-exports.ts';
import { runSubscription } from './socket-operations.ts';

/** Subscribers told at the same time. The SDK opens 50 sockets; the records table is read over others. */
const DELIVERIES_AT_ONCE = 25;

export type PublishHandler = (
  event: DynamoDBStreamEvent,
  context: Pick<Context, 'awsRequestId'>,
) => Promise<DynamoDBBatchResponse>;

/**
 * Tells subscribers of the moves of exports, from the stream of the records table. A move that could not be told to
 * somebody, and may be on another attempt, is reported as failed and comes again with all that follow it; who has
 * heard of it already does not hear it again.
 */
export function createPublishHandler(controlPlane: ControlPlane, sender: Sender): PublishHandler {
  return async ({ Records }, { awsRequestId: requestId }) => {
    const origin = { requestId, sourceIpAddress: 'lambda.amazonaws.com', userAgent: null };
    const delivery: Delivery = {
      table: controlPlane.records,
      sender,
      now: controlPlane.outport.now,
      run: runSubscription.bind(undefined, controlPlane, origin),
    };
    const batchItemFailures: DynamoDBBatchItemFailure[] = [];
    for (const { dynamodb } of Records) {
      // Exports hold no binary values, the only ones that Lambda's events write in another way than the API.
      const image = unmarshall((dynamodb?.NewImage ?? {}) as Parameters<typeof unmarshall>[0]);
      const record = parseExportRecord(image);
      const { id: exportId, status, version } = record;
      if (dynamodb?.OldImage?.status?.S !== status) {
        log('INFO', 'export moved', { requestId, exportId, status, version });
        measureEnd(controlPlane.metrics, record);
      }
      const failures = await publish(delivery, record);
      for (const failure of failures) logError(failure, { requestId, exportId });
      if (failures.length > 0) batchItemFailures.push({ itemIdentifier: dynamodb?.SequenceNumber ?? '' });
    }
    return { batchItemFailures };
  };
}

/** Tells every subscriber of one move, and returns why some could not be told. */
async function publish(delivery: Delivery, record: ExportRecord): Promise<unknown[]> {
  const failures: unknown[] = [];
  for await (const page of readSubscriptions(delivery.table, exportTopic(record.id))) {
    await inParallel(page, DELIVERIES_AT_ONCE, async (subscription) => {
      try {
        await deliver(delivery, subscription, record);
      } catch (error) {
        failures.push(error);
      }
    });
  }
  return failures;
}
