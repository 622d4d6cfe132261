import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Orders } from './orders.ts';

/** Scan answers with 1 MB at most. */
const PAGE_BYTES = 1_000_000;
/** So that each of 4 or 8 segments has as many pages. */
const PAGES_MULTIPLE = 8;

export interface CannedPages {
  readonly url: string;
  readonly itemCount: number;
  close(): Promise<void>;
}

/**
 * A DynamoDB that costs nothing: it answers every Scan with the same page of orders, printed beforehand, until the
 * segment has had its share of the pages. What a client takes against it is what the client itself takes.
 */
export async function startCannedPages(orders: Orders, itemCount: number): Promise<CannedPages> {
  const [image = ''] = orders.images(0, 1);
  const pageItems = Math.min(Math.floor(PAGE_BYTES / image.length), Math.ceil(itemCount / PAGES_MULTIPLE));
  const pageCount = Math.ceil(itemCount / pageItems / PAGES_MULTIPLE) * PAGES_MULTIPLE;
  const page = Buffer.from(
    `{"Count":${pageItems},"ScannedCount":${pageItems},"Items":[${orders.images(0, pageItems).join(',')}]`,
  );
  const server = createServer(async (request, response) => {
    const scan = parseScan(await json(request));
    const next = scan.page + 1;
    const end = next * scan.totalSegments < pageCount ? `,"LastEvaluatedKey":{"page":{"N":"${next}"}}}` : '}';
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': page.length + end.length,
    });
    response.write(page);
    response.end(end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    itemCount: pageCount * pageItems,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function parseScan(body: unknown): { readonly page: number; readonly totalSegments: number } {
  const { ExclusiveStartKey, TotalSegments } = body as {
    ExclusiveStartKey?: { page: { N: string } };
    TotalSegments: number;
  };
  return { page: Number(ExclusiveStartKey?.page.N ?? 0), totalSegments: TotalSegments };
}
