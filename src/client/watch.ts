import type { TypedDocument } from './document.ts';
import { NoSuchExportError, OutportError } from './errors.ts';
import {
  ExportDocument,
  type ExportFieldsFragment,
  type ExportFilter,
  type ExportStatus,
  ExportsUpdatedDocument,
  ExportUpdatedDocument,
} from './generated/operations.ts';
import { delay, waitBefore } from './retry.ts';
import type { Subscriber } from './socket.ts';

/** How often is asked where nothing can be told. */
const POLL_EVERY_MS = 2_000;
/** Connections that fail in a row before WebSockets are taken for impossible here, */
const FAILED_CONNECTIONS_MAX = 3;
/** and how often one is tried after that: once a minute or so, as it may have been an outage. */
const POLLS_PER_CONNECTION = 30;
/** How long nothing is told before it is asked how things stand: a connection may live and what was subscribed to be lost. */
const SILENCE_MAX_MS = 60_000;
/** How long an export that has been told of is asked for in vain; deployments and restarts take less. */
const OUTAGE_MAX_MS = 10 * 60_000;

export interface Watching {
  /** Null: where there is no WebSocket API, or no WebSocket. */
  readonly subscriber: Subscriber | null;
  readonly request: <Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    signal: AbortSignal | undefined,
  ) => Promise<Result>;
}

/** Whether an export stays as it is. */
export function hasEnded({ status }: { readonly status: ExportStatus }): boolean {
  return status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELED';
}

/**
 * An export after each change, in the order of its versions and each version once, until it has ended: first as it is
 * now, unless that is version `after`. When a connection ends or is silent for a minute, it is asked over HTTP how the export
 * stands, and gone on from there; where no connection comes about, it is only asked. Once Outport has answered, it may be away for ten
 * minutes; before, it is an error as soon as a request is.
 * @throws OutportError when there is no such export, or nothing can be learned of it; the signal's reason
 */
export async function* watchExport(
  { subscriber, request }: Watching,
  id: string,
  after: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExportFieldsFragment, void, undefined> {
  let version = after;
  let heardAtMs: number | undefined;
  const tell = function* (update: ExportFieldsFragment) {
    if (update.version <= version) return;
    version = update.version;
    yield update;
  };
  for await (const told of connections(subscriber, signal, ({ subscribe }, until) =>
    subscribe(ExportUpdatedDocument, { id, after: version }, until),
  )) {
    if (told) {
      heardAtMs = performance.now();
      yield* tell(told.exportUpdated);
      continue;
    }
    const answer = await request(ExportDocument, { id }, signal).catch((error: unknown) => {
      const isAway = error instanceof OutportError && error.retryable;
      if (!isAway || heardAtMs === undefined || performance.now() - heardAtMs > OUTAGE_MAX_MS) throw error;
    });
    if (!answer) continue;
    heardAtMs = performance.now();
    const { export: found } = answer;
    if (!found) throw new NoSuchExportError(id);
    yield* tell(found);
    if (hasEnded(found)) return;
  }
}

/**
 * Every change of the exports that fit a filter, each as it is after the change; null, at the beginning and whenever
 * changes may have been missed, or a minute went by without any: read the list then. Where there are no WebSockets, there are only nulls. It ends with the
 * signal or with the reader.
 */
export async function* watchExports(
  { subscriber }: Watching,
  filter: ExportFilter | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExportFieldsFragment | null, void, undefined> {
  for await (const told of connections(subscriber, signal, ({ subscribe }, until) =>
    subscribe(ExportsUpdatedDocument, { filter }, until),
  )) {
    yield told ? told.exportsUpdated : null;
  }
}

/**
 * What is told over one connection after the other; undefined between two and in silence, when it is time to ask what was
 * missed. After three connections in a row that told nothing, it is time every two seconds, and one is tried every minute.
 */
async function* connections<Told>(
  subscriber: Subscriber | null,
  signal: AbortSignal | undefined,
  subscribe: (subscriber: Subscriber, until: AbortSignal) => AsyncGenerator<Told, void, undefined>,
): AsyncGenerator<Told | undefined, never, undefined> {
  let failures = 0;
  for (let polls = 0; ; polls += 1) {
    const possible = failures < FAILED_CONNECTIONS_MAX;
    if (subscriber && (possible || polls % POLLS_PER_CONNECTION === 0)) {
      try {
        for await (const told of orSilence(signal, (until) => subscribe(subscriber, until))) {
          failures = 0;
          yield told;
        }
      } catch (error) {
        if (!(error instanceof OutportError)) throw error;
      }
      failures += 1;
    }
    yield undefined;
    const isNextSoon = subscriber && failures < FAILED_CONNECTIONS_MAX;
    await delay(isNextSoon ? waitBefore(failures) : POLL_EVERY_MS, signal);
  }
}

/** What is told, and undefined whenever nothing was for a minute. */
async function* orSilence<Told>(
  signal: AbortSignal | undefined,
  subscribe: (until: AbortSignal) => AsyncGenerator<Told, void, undefined>,
): AsyncGenerator<Told | undefined, void, undefined> {
  const left = new AbortController();
  const told = subscribe(signal ? AbortSignal.any([signal, left.signal]) : left.signal);
  let next: Promise<IteratorResult<Told, void>> | undefined;
  try {
    for (;;) {
      next ??= told.next();
      const result = await within(SILENCE_MAX_MS, next);
      if (result?.done) return;
      if (result) next = undefined;
      yield result?.value;
    }
  } finally {
    // What is still waited for would not end by itself.
    left.abort();
    next?.catch(() => {});
    await told.return();
  }
}

/** What a promise comes to, or undefined where that takes longer. */
async function within<Result>(ms: number, promise: Promise<Result>): Promise<Result | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([promise, silence]).finally(() => clearTimeout(timer));
}
