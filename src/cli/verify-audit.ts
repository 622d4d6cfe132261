import { readFile, writeFile } from 'node:fs/promises';
import { AuditChainDocument, type OutportClient } from '../client/index.ts';
import { AUDIT_CHAINS, type ChainEntry, type ChainLink, faultsOf } from '../records/audit-chain.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** A record of a chain that was the last when it was seen. */
type Head = Pick<ChainLink, 'chain' | 'sequence' | 'hash'>;

const PAGE = 100;

/**
 * `outport audit verify`: reads every chain of the audit over the API and computes its hashes here, so that nobody has to
 * take the server's word for it. Prints what is wrong and where.
 * @param headsFile remembers the last record of each chain, from one verification to the next; null: none
 * @returns whether every record is as it was written
 * @throws CommandError, or OutportError, when the audit cannot be read: nothing is verified either way
 */
export async function verifyAudit(
  client: OutportClient,
  headsFile: string | null,
  print: (line: string) => void = console.log,
): Promise<boolean> {
  const seen = headsFile === null ? [] : await readHeads(headsFile);
  const heads: Head[] = [];
  const totals = { records: 0, unread: 0, faults: 0 };
  for (let chain = 0; chain < AUDIT_CHAINS; chain += 1) {
    const missed = new Map(seen.filter((head) => head.chain === chain).map((head) => [head.sequence, head.hash]));
    let previous: ChainLink | null = null;
    for await (const entry of readChain(client, chain)) {
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
  if (headsFile !== null && totals.faults === 0) await writeFile(headsFile, `${JSON.stringify(heads)}\n`);
  print(summaryOf(totals));
  return totals.faults === 0;

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

async function* readChain(client: OutportClient, chain: number): AsyncGenerator<ChainEntry> {
  let after = 0;
  for (;;) {
    const { auditChain: page } = await client.request(AuditChainDocument, { chain, first: PAGE, after });
    if (!page) {
      const message = 'The token does not permit reading the audit as a whole.';
      throw new CommandError(message, 'Ask for a policy that permits ViewAudit on all of it.', EXIT.NOT_PERMITTED);
    }
    yield* page.entries;
    const last = page.entries.at(-1);
    // A record that does not go on from the one before is a fault that is told; it would be read for ever.
    if (!page.hasNextPage || !last || last.sequence <= after) return;
    after = last.sequence;
  }
}

async function readHeads(file: string): Promise<Head[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    const message = `${file} holds no heads of an earlier verification: ${String(cause)}`;
    throw new CommandError(message, 'Name another file.', EXIT.ERROR, { cause });
  }
}
