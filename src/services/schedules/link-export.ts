import type { ScheduleLink, ScheduleRecord } from '../../records/schedule-records.ts';
import { exportIdOf } from '../export-id.ts';
import type { ExportRequest } from '../export-request.ts';
import { tableOf } from '../table-arn.ts';

/** The client token of an attempt at a link: derived, so that no crash between two steps makes a second export. */
const tokenOf = (scheduleId: string, { number, attempt }: Pick<ScheduleLink, 'number' | 'attempt'>): string =>
  `${scheduleId}-${number}-${attempt}`;

/** The id that the export of an attempt at a link has, before there is any. */
export const linkExportId = (
  { id, requestedBy: { issuer, subject } }: Pick<ScheduleRecord, 'id' | 'requestedBy'>,
  link: Pick<ScheduleLink, 'number' | 'attempt'>,
): string => exportIdOf(issuer, subject, tokenOf(id, link));

/**
 * What an attempt at a link asks for. Each has a folder of its own, so that tools that read folders read one window, and nothing
 * that an attempt before has left.
 */
export function linkRequest(schedule: ScheduleRecord, link: ScheduleLink): ExportRequest {
  const { id, exportFormat, exportViewType, destination } = schedule;
  const base = destination.prefix === null ? '' : `${destination.prefix.replace(/\/$/, '')}/`;
  const full = link.from === null;
  const folder = `link-${link.number}${link.attempt === 1 ? '' : `-attempt-${link.attempt}`}`;
  return {
    clientToken: tokenOf(id, link),
    table: tableOf(schedule),
    exportTime: full ? link.to : null,
    exportFormat,
    exportType: full ? 'FULL_EXPORT' : 'INCREMENTAL_EXPORT',
    incrementalExport: link.from === null ? null : { exportFromTime: link.from, exportToTime: link.to, exportViewType },
    filter: null,
    destination: { ...destination, prefix: `${base}${id}/chain-${link.chain}/${folder}` },
    retryOf: null,
  };
}
