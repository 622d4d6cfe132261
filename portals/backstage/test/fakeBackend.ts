import { discoveryApiRef, fetchApiRef } from '@backstage/frontend-plugin-api';
import type { Export } from '@outport/backstage-plugin-outport-common';

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

/** The backend as a browser meets it, by `fetch`: with a list of exports and a stream of what becomes of them. */
export function fakeBackend(exports: readonly Export[] = []) {
  const answers = new Map<string, Answer>([['GET exports', { body: { exports } }]]);
  const posted: { readonly path: string; readonly body: unknown }[] = [];
  const readers = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const send = (reader: ReadableStreamDefaultController<Uint8Array>, update: Export | null) =>
    reader.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(update)}\n\n`));

  const fakeFetch: typeof fetch = async (input, init) => {
    const { pathname } = new URL(String(input));
    const [, entity = '', path = ''] = /^\/api\/outport\/tables\/(\w+\/\w+\/\w+)\/(.*)$/.exec(pathname) ?? [];
    if (path === 'exports/updates') return stream(init?.signal);
    if (init?.method === 'POST') posted.push({ path: `${entity} ${path}`, body: JSON.parse(String(init.body)) });
    const { status = 200, body } = answers.get(`${init?.method ?? 'GET'} ${path}`) ?? { status: 404, body: {} };
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  };

  function stream(signal: AbortSignal | null | undefined): Response {
    const body = new ReadableStream<Uint8Array>({
      start(reader) {
        readers.add(reader);
        signal?.addEventListener('abort', () => {
          readers.delete(reader);
          reader.error(signal.reason);
        });
        send(reader, null);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }

  return {
    apis: [
      [fetchApiRef, { fetch: fakeFetch }],
      [discoveryApiRef, { getBaseUrl: async (id: string) => `http://backstage.test/api/${id}` }],
    ] as const,
    /** What was sent, in order. */
    posted,
    /** Sets what `GET exports` or `POST preflight` is answered with. */
    answer: (request: string, answer: Answer) => void answers.set(request, answer),
    /** Tells everybody who follows exports. */
    tell: (update: Export) => {
      for (const reader of readers) send(reader, update);
    },
    /** How many follow exports. */
    followers: () => readers.size,
  };
}

/** An export that DynamoDB is writing. */
export function exportOf(values: Partial<Export> = {}): Export {
  return {
    id: 'exp_1',
    version: 2,
    status: 'IN_PROGRESS',
    tableArn: 'arn:aws:dynamodb:eu-central-1:111122223333:table/orders',
    exportType: 'FULL_EXPORT',
    exportFormat: 'DYNAMODB_JSON',
    exportTime: '2026-11-17T08:00:00Z',
    incrementalExport: null,
    destination: {
      bucket: 'lake',
      bucketOwner: null,
      prefix: 'orders',
      encryption: { algorithm: 'AES256', kmsKeyId: null },
    },
    queuePosition: null,
    progress: null,
    failure: null,
    createdAt: '2026-11-17T08:00:01Z',
    exportArn: null,
    exportManifest: null,
    itemCount: null,
    ...values,
  };
}
