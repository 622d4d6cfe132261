import type { Commit } from './commit-queue.ts';
import { idempotentParameterMismatch } from './errors.ts';
import { keyspace } from './keyspace.ts';
import type { ServiceContext } from './service-context.ts';

/** A token is good for ten minutes after the transaction it was first used with. */
const TOKEN_LIFETIME_MS = 10 * 60_000;

interface RememberedToken {
  readonly fingerprint: string;
  readonly usedMs: number;
}

/** @throws DynamoDbError IdempotentParameterMismatchException when the token was used with another transaction */
export function isReplay({ store, commits }: ServiceContext, row: string, fingerprint: string): boolean {
  const text = store.get(row);
  if (text === undefined) return false;
  const token: RememberedToken = JSON.parse(text);
  if (token.usedMs + TOKEN_LIFETIME_MS <= commits.nowMs()) return false;
  if (token.fingerprint !== fingerprint) {
    throw idempotentParameterMismatch(
      'Request parameters do not match the parameters of the first request that used this ClientRequestToken',
    );
  }
  return true;
}

export function rememberToken(commit: Commit, row: string, fingerprint: string): void {
  const token: RememberedToken = { fingerprint, usedMs: Math.floor(commit.timeMicros / 1000) };
  commit.put(row, JSON.stringify(token));
}

/** Forgets the tokens whose ten minutes are over. */
export async function dropExpiredTokens({ store, commits }: ServiceContext): Promise<void> {
  const expired: string[] = [];
  for await (const [token, text] of store.entries(keyspace.transactionTokens)) {
    const { usedMs }: RememberedToken = JSON.parse(text);
    if (usedMs + TOKEN_LIFETIME_MS <= commits.nowMs()) expired.push(keyspace.transactionTokens + token);
  }
  if (expired.length > 0) await commits.commit((commit) => expired.forEach((row) => void commit.del(row)));
}
