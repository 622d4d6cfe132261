import type { ExportRecord } from '../records/export-records.ts';

/** Where DynamoDB puts the data files of an export (facts §3.1). */
export interface OutputLayout {
  /** Key prefix of the data files, ending in `/`. */
  readonly dataFolder: string;
  /** Whether all incremental exports of the bucket and prefix share it. */
  readonly sharedFolder: boolean;
}

/** @returns null before DynamoDB has named the export */
export function outputLayoutOf({ exportType, destination }: ExportRecord, exportArn: string): OutputLayout {
  const exportId = exportArn.slice(exportArn.lastIndexOf('/') + 1);
  const prefix = destination.prefix?.replace(/\/$/, '');
  const root = `${prefix ? `${prefix}/` : ''}AWSDynamoDB/`;
  const sharedFolder = exportType === 'INCREMENTAL_EXPORT';
  return { dataFolder: sharedFolder ? `${root}data/` : `${root}${exportId}/data/`, sharedFolder };
}
