import { createHash } from 'node:crypto';

/** Raised by changing what a cursor holds: old cursors are then refused, not misread. */
const VERSION = 1;
/** A place in a history: see `HistoryPosition`. */
const HISTORY_POSITION = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z#[\w-]{1,128}$/;

/** What a list was asked for: a cursor is of use only for the list that it came from. */
export type ListFilter = Readonly<Record<string, string | null>>;

/** An opaque keyset cursor: where the reader is, and a digest of the filter they are reading with. */
export function encodeCursor(position: string, filter: ListFilter): string {
  return Buffer.from(JSON.stringify([VERSION, digestOf(filter), position])).toString('base64url');
}

/**
 * @param positions what the places of the list look like
 * @returns null for what is no cursor, a cursor of another version, or one of another filter
 */
export function decodeCursor(cursor: string, filter: ListFilter, positions = HISTORY_POSITION): string | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts)) return null;
    const [version, digest, position] = parts;
    const valid = version === VERSION && digest === digestOf(filter) && positions.test(position);
    return valid ? position : null;
  } catch {
    return null;
  }
}

function digestOf(filter: ListFilter): string {
  const entries = Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('base64url').slice(0, 12);
}
