/**
 * The layout of the store. All data of a table lie under its TableId, so that deleting a table is dropping one prefix,
 * and a table created again under the same name never meets the rows of the one before.
 */

/** The first key after all keys that start with `prefix`. Prefixes end in `/`, which `0` follows in ASCII. */
export const endOf = (prefix: string): string => `${prefix.slice(0, -1)}0`;

/** Numbers are padded to keep their order as text; 16 digits hold every safe integer. */
export const ordered = (value: number): string => String(value).padStart(16, '0');

const ofTable = (tableId: string) => `data/${tableId}/`;

export const keyspace = {
  clock: 'clock',
  tables: 'table/',
  table: (accountId: string, region: string, name: string) => `table/${accountId}/${region}/${name}`,
  /** Prefixes whose rows nobody can reach any more and which are being removed. */
  doomed: 'doomed/',
  doomedPrefix: (prefix: string) => `doomed/${encodeURIComponent(prefix)}`,
  /** Backups that no table writes to any more and which go as soon as no running export reads them. */
  retired: 'retired/',
  retiredBackup: (backupId: string) => `retired/${backupId}`,
  dataOf: ofTable,
  statistics: (tableId: string) => `${ofTable(tableId)}statistics`,
  items: (tableId: string) => `${ofTable(tableId)}item/`,
  index: (tableId: string, indexId: string) => `${ofTable(tableId)}index/${indexId}/`,
  changes: (tableId: string) => `${ofTable(tableId)}change/`,
  change: (tableId: string, sequence: number) => `${ofTable(tableId)}change/${ordered(sequence)}`,
  exports: { jobs: 'export/', tokens: 'export-token/' },
  imports: { jobs: 'import/', tokens: 'import-token/' },
  transactionTokens: 'transaction-token/',
  transactionToken: (accountId: string, region: string, token: string) =>
    `transaction-token/${accountId}/${region}/${encodeURIComponent(token)}`,
};
