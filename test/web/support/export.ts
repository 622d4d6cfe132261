import { randomUUID } from 'node:crypto';
import { createOutportClient, type ExportTableRequest } from '../../../src/client/index.ts';
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

export const cancelExport = (outport: OutportProcess, token: string, id: string) =>
  clientOf(outport, token).cancelExport(id);
