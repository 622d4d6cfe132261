import { type Connection, tokenOf } from './connection.ts';
import { isQuery, type TypedDocument } from './document.ts';
import { TransportError } from './errors.ts';
import { retrying } from './retry.ts';
import { topLevelError, type WireError } from './top-level-errors.ts';

/** Refusals before anything was done: whatever was asked for may be asked for again. */
const PUT_OFF: readonly string[] = ['RATE_LIMITED', 'ISSUER_UNAVAILABLE'];
/** Longer than the API itself takes over any answer. */
const ANSWER_WITHIN_MS = 35_000;

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether the operation may be sent again when nobody knows what became of it. Left out: queries may. */
  readonly repeatable?: boolean | undefined;
}

/**
 * Sends an operation over HTTP until it is answered, at most five times.
 * @returns its data, when there were no errors
 * @throws OutportError, or the signal's reason
 */
export function requestOverHttp<Result, Variables>(
  connection: Connection,
  document: TypedDocument<Result, Variables>,
  variables: Variables | undefined,
  { signal, repeatable = isQuery(document.toString()) }: RequestOptions = {},
): Promise<Result> {
  const body = JSON.stringify({ query: document.toString(), variables });
  return retrying(
    async () => {
      const answer = await postWithToken(connection, body, signal);
      const [error] = answer.errors ?? [];
      if (error) throw topLevelError(error);
      // The document says what the data is, and the server has validated the one against the other.
      return answer.data as Result;
    },
    (error) => error.retryable && (repeatable || PUT_OFF.includes(error.code)),
    signal,
  );
}

/** Asks once more for a token when the first is refused, as it may have expired just now. */
async function postWithToken(connection: Connection, body: string, signal: AbortSignal | undefined): Promise<Answer> {
  const token = await tokenOf(connection);
  const answer = await post(connection, token, body, signal);
  if (typeof connection.token === 'string' || !isUnauthenticated(answer)) return answer;
  const renewed = await tokenOf(connection);
  return renewed === token ? answer : post(connection, renewed, body, signal);
}

const isUnauthenticated = ({ errors }: Answer): boolean => errors?.[0]?.extensions?.code === 'UNAUTHENTICATED';

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly WireError[];
}

async function post(
  { url, headers, fetch = globalThis.fetch }: Connection,
  token: string,
  body: string,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS);
  let status: number;
  let retryAfter: string | null;
  let text: string;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    status = response.status;
    retryAfter = response.headers.get('retry-after');
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreachable(url, cause);
  }
  return parseAnswer(text) ?? badAnswer(url, status, retryAfter, text);
}

/** Undefined for what no GraphQL API answers. */
function parseAnswer(text: string): Answer | undefined {
  try {
    const answer = JSON.parse(text) as Answer | null;
    return answer?.data != null || Array.isArray(answer?.errors) ? answer : undefined;
  } catch {
    return undefined;
  }
}

function unreachable(url: string, cause: unknown): TransportError {
  return new TransportError(`${url} cannot be reached: ${reasonOf(cause)}`, {
    code: 'UNREACHABLE',
    remedy: 'Check the address, that Outport runs there, and the network between.',
    retryable: true,
    cause,
  });
}

function badAnswer(url: string, status: number, retryAfter: string | null, text: string): never {
  const failed = status === 429 || status >= 500;
  throw new TransportError(`${url} answered ${status}, not as a GraphQL API does: ${text.slice(0, 200)}`, {
    code: 'BAD_ANSWER',
    remedy: failed
      ? 'Send the request again in a while; if it goes on, whoever runs this Outport finds the reason in its log.'
      : 'Check that the address is that of the GraphQL API, with its path; it ends in /graphql.',
    retryable: failed,
    // A date is possible by HTTP; neither Outport nor API Gateway sends one.
    retryAfterSeconds: Number(retryAfter) || undefined,
  });
}

/** What `fetch` says of a failure is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
}
