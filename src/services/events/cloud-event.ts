import type { ExportRecord, ExportStatus } from '../../records/export-records.ts';
import type { ScheduleEvent } from './schedule-event.ts';

/** What has happened to an export when it has reached a state. */
const TYPES = {
  QUEUED: 'outport.export.queued',
  IN_PROGRESS: 'outport.export.started',
  COMPLETED: 'outport.export.completed',
  FAILED: 'outport.export.failed',
  CANCELED: 'outport.export.canceled',
} as const satisfies Readonly<Record<ExportStatus, string>>;

/** A CloudEvent (https://github.com/cloudevents/spec, version 1.0.2, JSON format) that tells of a move of an export. */
interface ExportEvent {
  readonly specversion: '1.0';
  /** `<export>/<version>`: the same however often the move is told. */
  readonly id: string;
  readonly source: 'outport';
  readonly type: (typeof TYPES)[ExportStatus];
  /** The export's id. */
  readonly subject: string;
  /** When the export moved, ISO 8601 in UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: ReturnType<typeof dataOf>;
}

/** Whatever the bus and webhooks are told. */
export type OutportEvent = ExportEvent | ScheduleEvent;

/** Tells of the move by which an export has become what its record says. */
export const exportEventOf = (record: ExportRecord): ExportEvent => ({
  specversion: '1.0',
  id: `${record.id}/${record.version}`,
  source: 'outport',
  type: TYPES[record.status],
  subject: record.id,
  time: record.updatedAt,
  datacontenttype: 'application/json',
  data: dataOf(record),
});

/** What whoever may read the bus learns of an export. Not its filter, which may compare with people's data. */
function dataOf(record: ExportRecord) {
  const { id, version, status, tableArn, exportType, exportFormat, destination, team, createdAt } = record;
  const requestedBy = record.requestedBy && {
    issuer: record.requestedBy.issuer,
    subject: record.requestedBy.subject,
  };
  const facts = { id, version, status, tableArn, exportType, exportFormat, destination, requestedBy, team, createdAt };
  switch (record.status) {
    case 'QUEUED':
      return facts;
    case 'IN_PROGRESS':
      return { ...facts, exportArn: record.exportArn };
    case 'COMPLETED': {
      const { exportArn, endTime, itemCount, billedSizeBytes, exportManifest } = record;
      return { ...facts, exportArn, endTime, itemCount, billedSizeBytes, exportManifest };
    }
    case 'FAILED': {
      const { exportArn = null, endTime, failure } = record;
      return { ...facts, exportArn, endTime, failure };
    }
    case 'CANCELED':
      return { ...facts, endTime: record.endTime };
    default:
      return record satisfies never;
  }
}
