import { readFile, writeFile } from 'node:fs/promises';
import { AUDIT_CHAINS, type ChainEntry, type ChainLink, faultsOf } from '../records/audit-chain.ts';

/** Where the audit is, and who asks. */
export interface VerifyAuditArguments {
  readonly url: string;
  readonly token: string;
  /** A file that remembers the last record of each chain, from one verification to the next; null: none. */
  readonly heads: string | null;
}

/** What the API refused, or is no answer of it: nothing is verified either way. */
export class AuditUnavailableError extends Error {
  override readonly name = 'AuditUnavailableError';
}

/** A record of a chain that was the last when it was seen. */
type Head = Pick<ChainLink, 'chain' | 'sequence' | 'hash'>;

const PAGE = 100;
const CALL_TIMEOUT_MS = 30_000;

const AUDIT_CHAIN = /* GraphQL */ `
  query ($chain: Int!, $first: Int!, $after: Int!) {
    auditChain(chain: $chain, first: $first, after: $after) {
      hasNextPage
      entries {
        chain sequence previousHash hash
        event {
          id eventTime source eventName outcome issuer principal principalName sourceIpAddress userAgent requestId
          tableArn exportId exportArn input decision policyIds errorCode errorMessage
        }
      }
    }
  }
`;

/**
 * `outport audit verify`: reads every chain of the audit over the API and computes its hashes here, so that nobody has to
 * take the server's word for it. Prints what is wrong and where.
 * @returns the exit code: 0 when every record is as it was written, 1 otherwise
 * @throws AuditUnavailableError when the audit cannot be read
 */
export async function verifyAudit(
  args: VerifyAuditArguments,
  print: (line: string) => void = console.log,
): Promise<0 | 1> {
  const seen = args.heads === null ? [] : await readHeads(args.heads);
  const heads: Head[] = [];
  const totals = { records: 0, unread: 0, faults: 0 };
  for (let chain = 0; chain < AUDIT_CHAINS; chain += 1) {
    const missed = new Map(seen.filter((head) => head.chain === chain).map((head) => [head.sequence, head.hash]));
    let previous: ChainLink | null = null;
    for await (const entry of readChain(args, chain)) {
      const faults = entry.chain === chain ? faultsOf(entry, previous) : [`it belongs to chain ${entry.chain}`];
      const hashThen = missed.get(entry.sequence);
      if (hashThen !== undefined && hashThen !== entry.hash) faults.push('it is not the record that was here before');
      missed.delete(entry.sequence);
      for (const fault of faults) report(`chain ${chain}, record ${entry.sequence}${nameOf(entry)}: ${fault}`);
      totals.records += 1;
      totals.unread += entry.event === null ? 1 : 0;
      previous = entry;
    }
    for (const sequence of missed.keys()) report(`chain ${chain}: record ${sequence}, which was its last, is gone`);
    if (previous) heads.push({ chain, sequence: previous.sequence, hash: previous.hash });
  }
  if (args.heads !== null && totals.faults === 0) await writeFile(args.heads, `${JSON.stringify(heads)}\n`);
  print(summaryOf(totals));
  return totals.faults === 0 ? 0 : 1;

  function report(fault: string): void {
    totals.faults += 1;
    print(fault);
  }
}

const nameOf = ({ event }: ChainEntry): string => (event === null ? '' : ` (${event.eventName}, ${event.id})`);

function summaryOf({ records, unread, faults }: { records: number; unread: number; faults: number }): string {
  const hidden = unread === 0 ? '' : ` ${unread} of them you may not read: only their order was checked.`;
  const verdict = faults === 0 ? 'every one as it was written.' : `${faults} faults.`;
  return `${records} records in ${AUDIT_CHAINS} chains: ${verdict}${hidden}`;
}

async function* readChain({ url, token }: VerifyAuditArguments, chain: number): AsyncGenerator<ChainEntry> {
  let after = 0;
  for (;;) {
    const page = await fetchPage(url, token, { chain, first: PAGE, after });
    yield* page.entries;
    const last = page.entries.at(-1);
    // A record that does not go on from the one before is a fault that is told; it would be read for ever.
    if (!page.hasNextPage || !last || last.sequence <= after) return;
    after = last.sequence;
  }
}

interface Answer {
  readonly data?: { readonly auditChain: Page | null } | null;
  readonly errors?: ReadonlyArray<{ readonly message: string }>;
}

interface Page {
  readonly entries: readonly ChainEntry[];
  readonly hasNextPage: boolean;
}

async function fetchPage(url: string, token: string, variables: Record<string, number>): Promise<Page> {
  let body: Answer;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: AUDIT_CHAIN, variables }),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    body = (await response.json()) as Answer;
  } catch (cause) {
    throw new AuditUnavailableError(`${url} gave no answer of a GraphQL API: ${String(cause)}`, { cause });
  }
  const [error] = body.errors ?? [];
  if (error) throw new AuditUnavailableError(error.message);
  if (!body.data?.auditChain) throw new AuditUnavailableError('the token does not permit reading the audit as a whole');
  return body.data.auditChain;
}

async function readHeads(file: string): Promise<Head[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new AuditUnavailableError(`${file} holds no heads of an earlier verification: ${String(cause)}`, { cause });
  }
}
