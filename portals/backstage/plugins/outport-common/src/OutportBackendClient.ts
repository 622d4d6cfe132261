import { parseEntityRef } from '@backstage/catalog-model';
import { ResponseError } from '@backstage/errors';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { type ExportFieldsFragment, hasEnded, type PreflightQuery } from 'outport/client';
import type { ExportRequest } from './exportRequest';

/** What Backstage uses of an export. */
export type Export = Pick<
  ExportFieldsFragment,
  | 'id'
  | 'version'
  | 'status'
  | 'tableArn'
  | 'exportType'
  | 'exportFormat'
  | 'exportTime'
  | 'incrementalExport'
  | 'destination'
  | 'queuePosition'
  | 'progress'
  | 'failure'
  | 'createdAt'
  | 'exportArn'
  | 'exportManifest'
  | 'itemCount'
>;

/** What was looked at before an export, with remedies and estimates. */
export type Preflight = PreflightQuery['preflight'];

/** What makes a request happen once: the same token and the same request always give the same export. */
export interface OnceOnly {
  readonly clientToken: string;
}

/** Every change of an export; null, at the beginning and whenever changes may have been missed. */
export type ExportUpdate = Export | null;

/** Pause before a stream that ended is opened again. */
const RECONNECT_AFTER_MS = 2_000;

/**
 * Calls the plugin `outport` of a Backstage backend, from browsers as from other plugins. Tables are named by the catalog
 * entity that stands for them. Errors have the name and message that the backend gave them.
 */
export class OutportBackendClient {
  readonly #discovery: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetch: typeof fetch;

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    /** Adds the credentials of whoever calls. */
    fetchApi: { fetch: typeof fetch };
  }) {
    this.#discovery = options.discoveryApi;
    this.#fetch = options.fetchApi.fetch;
  }

  /** The newest 50 exports of a table. */
  async listExports(entityRef: string, signal?: AbortSignal): Promise<readonly Export[]> {
    return (await this.#read<{ exports: readonly Export[] }>(entityRef, 'exports', signal)).exports;
  }

  /** One export of a table. */
  getExport(entityRef: string, id: string, signal?: AbortSignal): Promise<Export> {
    return this.#read(entityRef, `exports/${encodeURIComponent(id)}`, signal);
  }

  /** Asks for an export of a table. */
  startExport(entityRef: string, request: ExportRequest & OnceOnly): Promise<Export> {
    return this.#send(entityRef, 'exports', request);
  }

  /** Looks for every reason why an export would fail, and starts none. */
  preflight(entityRef: string, request: ExportRequest & OnceOnly): Promise<Preflight> {
    return this.#send(entityRef, 'preflight', request);
  }

  /**
   * Every change of the exports of a table, over as many connections as it takes. When told null, read what you need.
   * @throws what the backend refuses it with; that it cannot be reached, if it never could; the signal's reason
   */
  async *followExports(entityRef: string, signal: AbortSignal): AsyncGenerator<ExportUpdate, never, undefined> {
    let connected = false;
    for (;;) {
      try {
        const response = await this.#open(entityRef, 'exports/updates', { signal });
        // A backend that is restarted is away for a while, and so answers whatever is in front of it.
        if (!response.ok && !(connected && response.status >= 500)) throw await refusalIn(response);
        if (response.ok) {
          connected = true;
          yield* updatesIn(response);
        }
      } catch (error) {
        // This is how fetch says that there is no connection, or no longer.
        if (!connected || !(error instanceof TypeError)) throw error;
      }
      await pause(RECONNECT_AFTER_MS, signal);
    }
  }

  /** An export, once it is COMPLETED, FAILED or CANCELED; `onUpdate` is told of it whenever it was read or has changed. */
  async waitForExport(
    entityRef: string,
    id: string,
    { signal, onUpdate }: { signal: AbortSignal; onUpdate?: (update: Export) => void },
  ): Promise<Export> {
    for await (const update of this.followExports(entityRef, signal)) {
      if (update && update.id !== id) continue;
      const current = update ?? (await this.getExport(entityRef, id, signal));
      onUpdate?.(current);
      if (hasEnded(current)) return current;
    }
    throw new Error('exports are followed without end');
  }

  async #read<Answer>(entityRef: string, path: string, signal?: AbortSignal): Promise<Answer> {
    return (await this.#request(entityRef, path, { signal })).json();
  }

  async #send<Answer>(entityRef: string, path: string, body: unknown): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return (await this.#request(entityRef, path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  }

  async #request(entityRef: string, path: string, init: RequestInit): Promise<Response> {
    const response = await this.#open(entityRef, path, init);
    if (!response.ok) throw await refusalIn(response);
    return response;
  }

  async #open(entityRef: string, path: string, init: RequestInit): Promise<Response> {
    const { kind, namespace, name } = parseEntityRef(entityRef);
    const table = [kind, namespace, name].map(encodeURIComponent).join('/');
    const baseUrl = await this.#discovery.getBaseUrl('outport');
    return this.#fetch(`${baseUrl}/tables/${table}/${path}`, init);
  }
}

/** The error that the backend threw, rather than that there was one. */
const refusalIn = async (response: Response): Promise<Error> => (await ResponseError.fromResponse(response)).cause;

async function* updatesIn({ body }: Response): AsyncGenerator<ExportUpdate, void, undefined> {
  const reader = body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
  try {
    for (;;) {
      const read = await reader?.read();
      if (!read || read.done) return;
      yield JSON.parse(read.value.data);
    }
  } finally {
    // Who reads no further shall leave no connection open; one that has failed is closed already.
    reader?.cancel().catch(() => {});
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
}
