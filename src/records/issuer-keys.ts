import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { JSONWebKeySet } from 'jose';
import { type RecordsTable, TIME_TO_LIVE_ATTRIBUTE } from './table.ts';

/** The public keys of an issuer, as it served them. */
export interface IssuerKeys {
  readonly jwks: JSONWebKeySet;
  /** ISO 8601. */
  readonly fetchedAt: string;
}

const keyOf = (issuer: string) => ({ pk: `ISSUER_KEYS#${issuer}`, sk: 'ISSUER_KEYS' });

/** The keys that were last stored, or null. */
export async function readIssuerKeys(table: RecordsTable, issuer: string): Promise<IssuerKeys | null> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: keyOf(issuer) }));
  return Item ? { jwks: JSON.parse(String(Item.jwks)), fetchedAt: String(Item.fetchedAt) } : null;
}

/** Stores keys for as long as they may be used. Of two that are stored at once either may stay: both are the issuer's. */
export async function storeIssuerKeys(
  table: RecordsTable,
  issuer: string,
  { jwks, fetchedAt }: IssuerKeys,
  usableUntil: Date,
): Promise<void> {
  const Item = {
    ...keyOf(issuer),
    kind: 'ISSUER_KEYS',
    // As text: what an issuer adds to its keys is its own, and no attribute of ours.
    jwks: JSON.stringify(jwks),
    fetchedAt,
    [TIME_TO_LIVE_ATTRIBUTE]: Math.ceil(usableUntil.getTime() / 1000),
  };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}
