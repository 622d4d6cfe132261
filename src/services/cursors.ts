import { createHash } from 'node:crypto';
import type { HistoryPosition } from '../records/history.ts';

/** Raised by changing what a cursor holds: old cursors are then refused, not misread. */
const VERSION = 1;
const POSITION = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z#[\w-]{1,128}$/;

/** What a list was asked for: a cursor is of use only for the list that it came from. */
export type ListFilter = Readonly<Record<string, string | null>>;

/** An opaque keyset cursor: where the reader is, and a digest of the filter they are reading with. */
export function encodeCursor(position: HistoryPosition, filter: ListFilter): string {
  return Buffer.from(JSON.stringify([VERSION, digestOf(filter), position])).toString('base64url');
}

/** @returns null for what is no cursor, a cursor of another version, or one of another filter */
export function decodeCursor(cursor: string, filter: ListFilter): HistoryPosition | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts)) return null;
    const [version, digest, position] = parts;
    const valid = version === VERSION && digest === digestOf(filter) && POSITION.test(position);
    return valid ? position : null;
  } catch {
    return null;
  }
}

function digestOf(filter: ListFilter): string {
  const entries = Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('base64url').slice(0, 12);
}
