/** What a load came to. */
export interface Measured {
  readonly requestsPerSecond: number;
  /** Ascending. */
  readonly latenciesMs: readonly number[];
}

export interface Target {
  readonly graphqlUrl: string;
  readonly token: string;
}

/** An operation, with other variables each time if it takes any. */
export interface Operation {
  readonly query: string;
  readonly variables?: () => Record<string, unknown>;
}

/**
 * Sends an operation over and over, over some connections at once: each waits for its answer before it sends the next.
 * @throws Error for the first answer that is not data
 */
export async function load(
  target: Target,
  operation: Operation,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Measured> {
  const latenciesMs: number[] = [];
  const begun = performance.now();
  const endsAt = begun + seconds * 1000;
  const connection = async () => {
    while (performance.now() < endsAt) {
      const sent = performance.now();
      await send(target, operation);
      latenciesMs.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const requestsPerSecond = (latenciesMs.length * 1000) / (performance.now() - begun);
  return { requestsPerSecond, latenciesMs: latenciesMs.sort((a, b) => a - b) };
}

async function send({ graphqlUrl, token }: Target, { query, variables }: Operation): Promise<void> {
  const answer = await fetch(graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables: variables?.() }),
  });
  const text = await answer.text();
  if (!answer.ok || text.includes('"errors":')) throw new Error(`GraphQL answered ${answer.status}: ${text}`);
}
