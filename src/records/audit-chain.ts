import { createHash } from 'node:crypto';
import type { AuditEvent } from './audit-event.ts';

/*
 * Audit events lie in hash chains: what was changed, removed, inserted or moved breaks the chain at that record. There
 * are several, so that requests seldom wait for each other: see docs/decisions/0014-audit-chains.md.
 */

/** May grow, never shrink: an event that is appended again must find the chain it is in. */
export const AUDIT_CHAINS = 16;

/** Where a record stands in the audit, and what holds it there. */
export interface ChainLink {
  /** 0 to `AUDIT_CHAINS - 1`. */
  readonly chain: number;
  /** 1 for the first record of a chain, then one more each. */
  readonly sequence: number;
  /** `hash` of the record before; 64 zeros in the first. */
  readonly previousHash: string;
  /** SHA-256 of everything else in the record, in hexadecimal: see `hashOf`. */
  readonly hash: string;
}

/** An event in its place. */
export type AuditRecord = AuditEvent & ChainLink;

const NO_HASH = '0'.repeat(64);

/**
 * The chain of an event. Those about one export share one, whose order tells apart what happened in one millisecond.
 * CloudTrail's are told by their ids: which export they belong to may not be known each time they are read.
 */
export function chainOf({ source, id, exportId, principal }: AuditEvent): number {
  const subject = source === 'CLOUDTRAIL' ? id : (exportId ?? principal ?? id);
  return createHash('sha256').update(subject).digest().readUInt32BE() % AUDIT_CHAINS;
}

/** Puts an event behind the last record of its chain; `last` null: it is the first. */
export function linked(event: AuditEvent, last: ChainLink | null): AuditRecord {
  const record = {
    ...wellFormed(event),
    chain: chainOf(event),
    sequence: (last?.sequence ?? 0) + 1,
    previousHash: last?.hash ?? NO_HASH,
  };
  return { ...record, hash: hashOf(record) };
}

/**
 * What a record's `hash` must be: SHA-256 of its fields as a JSON array of [name, value], by name. What is null or an
 * empty list is left out, so that a field that is added one day leaves the hashes of older records as they are.
 */
function hashOf(record: Omit<AuditRecord, 'hash'>): string {
  const fields = Object.entries(record)
    .filter(([name, value]) => name !== 'hash' && value !== null && !(Array.isArray(value) && value.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** A record as its reader sees it: the event is null where they may not read it, and then only the links are checked. */
export interface ChainEntry extends ChainLink {
  readonly event: AuditEvent | null;
}

/**
 * What is wrong with a record of a chain, given the one that was read before it.
 * @param previous null for the first
 * @returns nothing when it is as it was written, and where it was written
 */
export function faultsOf({ event, ...link }: ChainEntry, previous: ChainLink | null): string[] {
  const faults: string[] = [];
  const expected = (previous?.sequence ?? 0) + 1;
  if (link.sequence > expected) faults.push(`${missing(expected, link.sequence - 1)} missing before it`);
  if (link.sequence < expected) faults.push(`it stands behind record ${expected - 1}`);
  if (link.sequence === expected && link.previousHash !== (previous?.hash ?? NO_HASH)) {
    faults.push('its previousHash is not the hash of the record before it');
  }
  if (event !== null && link.hash !== hashOf({ ...event, ...link })) faults.push('its hash is not that of its content');
  return faults;
}

const missing = (first: number, last: number): string =>
  first === last ? `record ${first} is` : `records ${first} to ${last} are`;

/** DynamoDB keeps UTF-8, which has no halves of surrogate pairs: what is hashed must be what will be read. */
function wellFormed(event: AuditEvent): AuditEvent {
  const entries = Object.entries(event).map(([name, value]) => [
    name,
    typeof value === 'string' ? Buffer.from(value).toString() : value,
  ]);
  return Object.fromEntries(entries);
}
