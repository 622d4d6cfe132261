import type { ExportFieldsFragment } from '../../src/client/index.ts';
import { dateTime } from './format.ts';

type Moments = Pick<ExportFieldsFragment, 'exportType' | 'exportTime' | 'startTime' | 'incrementalExport'>;

/** What of the table an export is of, in words. */
export function momentOf({ exportType, exportTime, startTime, incrementalExport }: Moments): string {
  if (exportType === 'INCREMENTAL_EXPORT' && incrementalExport) {
    const { exportFromTime, exportToTime } = incrementalExport;
    return `Changes from ${dateTime(exportFromTime)}${exportToTime ? ` to ${dateTime(exportToTime)}` : ' on'}`;
  }
  const moment = exportTime ?? startTime;
  return moment ? `As of ${dateTime(moment)}` : 'As it is when it is started';
}

/** `s3://bucket/prefix`. */
export const placeOf = ({ bucket, prefix }: Pick<ExportFieldsFragment['destination'], 'bucket' | 'prefix'>): string =>
  `s3://${bucket}${prefix ? `/${prefix}` : ''}`;

export const FORMATS: Readonly<Record<ExportFieldsFragment['exportFormat'], string>> = {
  DYNAMODB_JSON: 'DynamoDB JSON',
  ION: 'Amazon Ion',
};
