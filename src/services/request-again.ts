import type { ExportRecord } from '../records/export-records.ts';
import { type ExportRequest, type Parsed, parseExportRequest } from './export-request.ts';

/** The request for what an export was asked for, or what one that was adopted would have been. */
export function requestAgain(record: ExportRecord, clientToken: string): Parsed<ExportRequest> {
  const { tableArn, exportTime, exportFormat, exportType, incrementalExport, filter, destination } = record;
  return parseExportRequest({
    clientToken,
    tableArn,
    exportTime: exportTime === null ? null : new Date(exportTime),
    exportFormat,
    exportType,
    incrementalExport: incrementalExport && {
      exportFromTime: new Date(incrementalExport.exportFromTime),
      exportToTime: incrementalExport.exportToTime === null ? null : new Date(incrementalExport.exportToTime),
      exportViewType: incrementalExport.exportViewType,
    },
    filter,
    destination,
  });
}
