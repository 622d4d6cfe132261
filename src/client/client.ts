import type { Connection } from './connection.ts';
import type { TypedDocument } from './document.ts';
import { NoSuchExportError, refusal, TransportError } from './errors.ts';
import {
  type AuditEventFilter,
  type AuditEventOrder,
  AuditEventsDocument,
  type AuditEventsQuery,
  CancelExportDocument,
  ExportDocument,
  type ExportFieldsFragment,
  type ExportFilter,
  type ExportOrder,
  ExportsDocument,
  ExportTableDocument,
  type ExportTableInput,
  RetryExportDocument,
  type UserErrorFieldsFragment,
  VerifyExportDocument,
} from './generated/operations.ts';
import { type RequestOptions, requestOverHttp } from './http.ts';
import { nodesOf } from './pages.ts';
import { createSubscriber, type WebSocketConstructor } from './socket.ts';
import { type WaitOptions, waitForExport } from './wait.ts';
import { type Watching, watchExport, watchExports } from './watch.ts';

export type { RequestOptions, WaitOptions };

export interface OutportClientOptions extends Connection {
  /** The WebSocket API: `wss://…`. Left out: exports are followed by asking every two seconds. */
  readonly webSocketUrl?: string | undefined;
  /** Instead of the global one, which Node.js 20 does not have: that of the package `ws` is one. */
  readonly webSocket?: WebSocketConstructor | undefined;
}

export interface AbortOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions<Order> extends AbortOptions {
  readonly orderBy?: Order | undefined;
  /** How many to read at once, 1 to 100; 50 unless given. */
  readonly pageSize?: number | undefined;
}

/** What `exportTable` takes. Without a client token, one is made. */
export type ExportTableRequest = Omit<ExportTableInput, 'clientToken'> & { readonly clientToken?: string };

/** An export that was asked for. */
export interface RequestedExport {
  readonly export: ExportFieldsFragment;
  /** Whether the export was there already, by the same client token and input. */
  readonly replayed: boolean;
  /** What makes the request happen once: send it again to be given the same export. */
  readonly clientToken: string;
}

/**
 * An Outport to call. Requests are repeated where that does no harm, at most five times, with growing pauses, and not
 * before the server said. All methods throw `OutportError`; with `signal`, its reason when it aborts.
 */
export interface OutportClient {
  /** Runs any query or mutation. */
  request<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables?: Variables,
    options?: RequestOptions,
  ): Promise<Result>;
  /** Runs any subscription, over one connection, until it completes or the connection ends, which is an error. */
  subscribe<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    options?: AbortOptions,
  ): AsyncGenerator<Result, void, undefined>;
  /** An export by its id; null when there is none that you may see. */
  export(id: string, options?: AbortOptions): Promise<ExportFieldsFragment | null>;
  /** The exports that fit a filter, page after page. */
  exports(
    filter?: ExportFilter,
    options?: ListOptions<ExportOrder>,
  ): AsyncGenerator<ExportFieldsFragment, void, undefined>;
  /** The audit events that fit a filter, page after page. */
  auditEvents(
    filter?: AuditEventFilter,
    options?: ListOptions<AuditEventOrder>,
  ): AsyncGenerator<AuditEvent, void, undefined>;
  /**
   * Asks for an export. The request is repeated under one client token, so that it happens once.
   * @throws RefusedError, of which NotPermittedError is one
   */
  exportTable(request: ExportTableRequest, options?: AbortOptions): Promise<RequestedExport>;
  /** Asks again for what a FAILED export was asked for. @throws RefusedError */
  retryExport(id: string, options?: AbortOptions & { readonly clientToken?: string }): Promise<RequestedExport>;
  /** Takes an export out of the queue. @throws RefusedError */
  cancelExport(id: string, options?: AbortOptions): Promise<ExportFieldsFragment>;
  /** Asks for the files of a COMPLETED export to be checked again; `deep`: every line of them. @throws RefusedError */
  verifyExport(id: string, options?: AbortOptions & { readonly deep?: boolean }): Promise<ExportFieldsFragment>;
  /**
   * Waits until an export is COMPLETED.
   * @throws ExportEndedError when it FAILED or was CANCELED; TimedOutError after `timeoutMs`
   */
  waitForExport(id: string, options?: WaitOptions): Promise<ExportFieldsFragment>;
  /**
   * An export as it is, then after each change, each version once and in order, until it has ended, over as many
   * connections as it takes.
   */
  watchExport(
    id: string,
    options?: AbortOptions & {
      /** The last version that you have seen: only newer ones are told. */
      readonly after?: number | undefined;
    },
  ): AsyncGenerator<ExportFieldsFragment, void, undefined>;
  /**
   * Every change of the exports that fit a filter; null, at the beginning and whenever changes may have been missed: read
   * the list then. Where there are no WebSockets, there are only nulls.
   */
  watchExports(
    filter?: ExportFilter,
    options?: AbortOptions,
  ): AsyncGenerator<ExportFieldsFragment | null, void, undefined>;
  /** Closes the WebSocket, if there is one. */
  close(): void;
}

export type AuditEvent = AuditEventsQuery['auditEvents']['nodes'][number];

const PAGE_SIZE = 50;

/** A client of the Outport at an address, for whoever the token is of. */
export function createOutportClient(options: OutportClientOptions): OutportClient {
  const { webSocketUrl, webSocket = globalThis.WebSocket } = options;
  const subscriber = webSocketUrl && webSocket ? createSubscriber(options, webSocketUrl, webSocket) : null;
  const watching: Watching = {
    subscriber,
    request: (document, variables, signal) => requestOverHttp(options, document, variables, { signal }),
  };
  // Every mutation of the API happens once, however often it is sent.
  const mutate = <Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    signal: AbortSignal | undefined,
  ) => requestOverHttp(options, document, variables, { signal, repeatable: true });

  return {
    request: (document, variables, requestOptions) => requestOverHttp(options, document, variables, requestOptions),
    subscribe(document, variables, { signal } = {}) {
      if (!subscriber) throw noWebSocket();
      return subscriber.subscribe(document, variables, signal);
    },
    async export(id, { signal } = {}) {
      return (await watching.request(ExportDocument, { id }, signal)).export;
    },
    exports: (filter, { orderBy, pageSize: first = PAGE_SIZE, signal } = {}) =>
      nodesOf(async (after) => {
        const variables = { filter, first, after, ...(orderBy && { orderBy }) };
        return (await watching.request(ExportsDocument, variables, signal)).exports;
      }),
    auditEvents: (filter, { orderBy, pageSize: first = PAGE_SIZE, signal } = {}) =>
      nodesOf(async (after) => {
        const variables = { filter, first, after, ...(orderBy && { orderBy }) };
        return (await watching.request(AuditEventsDocument, variables, signal)).auditEvents;
      }),
    async exportTable({ clientToken = newClientToken(), ...input }, { signal } = {}) {
      const answer = await mutate(ExportTableDocument, { input: { ...input, clientToken } }, signal);
      return { ...accepted(answer.exportTable), replayed: answer.exportTable.replayed, clientToken };
    },
    async retryExport(id, { clientToken = newClientToken(), signal } = {}) {
      const answer = await mutate(RetryExportDocument, { input: { id, clientToken } }, signal);
      return { ...accepted(answer.retryExport), replayed: answer.retryExport.replayed, clientToken };
    },
    async cancelExport(id, { signal } = {}) {
      return accepted((await mutate(CancelExportDocument, { input: { id } }, signal)).cancelExport, id).export;
    },
    async verifyExport(id, { deep = false, signal } = {}) {
      return accepted((await mutate(VerifyExportDocument, { input: { id, deep } }, signal)).verifyExport, id).export;
    },
    waitForExport: (id, waitOptions = {}) => waitForExport(watching, id, waitOptions),
    watchExport: (id, { after = 0, signal } = {}) => watchExport(watching, id, after, signal),
    watchExports: (filter, { signal } = {}) => watchExports(watching, filter, signal),
    close: () => subscriber?.close(),
  };
}

interface Payload {
  readonly export: ExportFieldsFragment | null;
  readonly userErrors: readonly UserErrorFieldsFragment[];
}

/** The export of a mutation that was not refused. */
function accepted(payload: Payload, id = ''): { readonly export: ExportFieldsFragment } {
  if (payload.userErrors.length > 0) throw refusal(payload.userErrors, payload.export);
  // Who may do something with an export need not be allowed to see it.
  if (!payload.export) throw new NoSuchExportError(id);
  return { export: payload.export };
}

/** 128 random bits. Unlike `randomUUID`, this works on pages that were not loaded over TLS. */
const newClientToken = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

const noWebSocket = (): TransportError =>
  new TransportError('This client has no WebSocket to subscribe over.', {
    code: 'NO_WEBSOCKET',
    remedy: 'Create it with webSocketUrl and, on Node.js 20, with the WebSocket of the package ws as webSocket.',
  });
