import { createHash } from 'node:crypto';
import type { Requester } from '../records/export-records.ts';

/** A verified person. Plain data: it may be stored with a connection and used again until it expires. */
export interface Principal extends Requester {
  /** When the token ends, in seconds since the epoch: nothing is done or told on its behalf after that. */
  readonly expiresAtSeconds: number;
}

/** Where a request came from, for the audit. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly sourceIpAddress: string;
  readonly userAgent: string | null;
}

const NAME_CHARACTERS_MAX = 40;

/**
 * The name a person's assumed-role sessions carry, as RoleSessionName and SourceIdentity (2–64 of `[\w+=,.@-]`): readable
 * in CloudTrail, and with a digest of issuer and subject so that two people never share one.
 */
export function sessionNameOf({ issuer, subject }: Pick<Requester, 'issuer' | 'subject'>): string {
  const readable = subject.replace(/[^\w+=,.@-]/g, '-').slice(0, NAME_CHARACTERS_MAX);
  const digest = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex')
    .slice(0, 12);
  return `${readable}-${digest}`;
}
