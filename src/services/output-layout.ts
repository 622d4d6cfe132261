import type { Destination, ExportRecord } from '../records/export-records.ts';

/** Where DynamoDB puts the data files of an export (facts §3.1). */
export interface OutputLayout {
  /** Key prefix of the data files, ending in `/`. */
  readonly dataFolder: string;
  /** Whether all incremental exports of the bucket and prefix share it. */
  readonly sharedFolder: boolean;
}

/** What all keys of exports to a destination start with. */
export const exportRootOf = ({ prefix }: Pick<Destination, 'prefix'>): string =>
  `${prefix ? `${prefix.replace(/\/$/, '')}/` : ''}AWSDynamoDB/`;

export function outputLayoutOf({ exportType, destination }: ExportRecord, exportArn: string): OutputLayout {
  const exportId = exportArn.slice(exportArn.lastIndexOf('/') + 1);
  const root = exportRootOf(destination);
  const sharedFolder = exportType === 'INCREMENTAL_EXPORT';
  return { dataFolder: sharedFolder ? `${root}data/` : `${root}${exportId}/data/`, sharedFolder };
}
