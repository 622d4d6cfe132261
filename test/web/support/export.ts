import { randomUUID } from 'node:crypto';
import { CreateScheduleDocument, createOutportClient, type ExportTableRequest } from '../../../src/client/index.ts';
import type { OutportProcess } from '../../support/outport.ts';
import { BUCKET, ORDERS } from './shop.ts';

const clientOf = ({ graphqlUrl: url }: OutportProcess, token: string) => createOutportClient({ url, token });

/** Asks for an export of the orders past the console, and returns its id. */
export async function exportOrders(
  outport: OutportProcess,
  token: string,
  request: Partial<ExportTableRequest> = {},
): Promise<string> {
  const asked = await clientOf(outport, token).exportTable({
    tableArn: ORDERS,
    destination: { bucket: BUCKET, prefix: 'shop' },
    clientToken: randomUUID(),
    ...request,
  });
  return asked.export.id;
}

/** The same, once it has completed. */
export async function exportedOrders(
  outport: OutportProcess,
  token: string,
  request: Partial<ExportTableRequest> = {},
): Promise<string> {
  const id = await exportOrders(outport, token, request);
  await clientOf(outport, token).waitForExport(id);
  return id;
}

/** Keeps the orders exported, and returns the id of the schedule. */
export async function scheduleOrders(outport: OutportProcess, token: string): Promise<string> {
  const answer = await clientOf(outport, token).request(CreateScheduleDocument, {
    input: { tableArn: ORDERS, destination: { bucket: BUCKET }, windowMinutes: 60, clientToken: randomUUID() },
  });
  const id = answer.createSchedule.schedule?.id;
  if (!id) throw new Error(`the schedule was refused: ${JSON.stringify(answer.createSchedule.userErrors)}`);
  return id;
}

export const cancelExport = (outport: OutportProcess, token: string, id: string) =>
  clientOf(outport, token).cancelExport(id);
