import { createHash } from 'node:crypto';

/** RFC 4648 base32 in lower case: 16 bytes are 26 characters, as in the names of DynamoDB's own data files. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_BYTES = 16;

/**
 * The id of the export that a person asks for under a client token. Because it is derived, one conditional write is
 * all that makes a request happen once: see docs/decisions/0010-client-token-is-the-id.md.
 */
export const exportIdOf = (issuer: string, subject: string, clientToken: string): string =>
  digestId('exp', 'requested', issuer, subject, clientToken);

/** The id under which an export that was started elsewhere is adopted: the same however often it is found. */
export const adoptedIdOf = (exportArn: string): string => digestId('exp', 'adopted', exportArn);

/** The id of the schedule that a person asks for under a client token, for the same reason. */
export const scheduleIdOf = (issuer: string, subject: string, clientToken: string): string =>
  digestId('sch', 'schedule', issuer, subject, clientToken);

const CLIENT_TOKEN_PREFIX = 'outport-';

/** The token DynamoDB is given: derived from the export, so that no retry starts a second one. */
export const upstreamTokenOf = (exportId: string): string => `${CLIENT_TOKEN_PREFIX}${exportId}`;

/** The id of the export of ours that a token names, or null for a token of somebody else's. */
export const exportIdOfUpstreamToken = (token: string): string | null =>
  token.startsWith(CLIENT_TOKEN_PREFIX) ? token.slice(CLIENT_TOKEN_PREFIX.length) : null;

function digestId(prefix: string, ...parts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, ID_BYTES);
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const characters = bits.match(/.{1,5}/g)?.map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]) ?? [];
  return `${prefix}_${characters.join('')}`;
}
