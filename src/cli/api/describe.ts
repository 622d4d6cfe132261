import type { ExportFieldsFragment } from '../../client/index.ts';
import { bytes, counted, properties } from '../print.ts';
import { tableNameOf } from './find-table.ts';
import { progressOf } from './follow.ts';

/** What is exported, in a few words. */
function whatOf({ exportType, exportTime, incrementalExport: window }: ExportFieldsFragment): string {
  if (exportType === 'FULL_EXPORT') return `full, as of ${exportTime ?? 'its start'}`;
  return `changes from ${window?.exportFromTime} to ${window?.exportToTime ?? 'its start'}`;
}

/** Where the files of an export are. */
function locationOf({ destination, exportArn }: ExportFieldsFragment): string {
  return `${addressOf(destination)}${exportArn === null ? '' : `AWSDynamoDB/${tableNameOf(exportArn)}/`}`;
}

/** `s3://bucket/prefix/`. */
export const addressOf = ({ bucket, prefix }: Pick<ExportFieldsFragment['destination'], 'bucket' | 'prefix'>): string =>
  `s3://${bucket}/${prefix ? `${prefix.replace(/\/$/, '')}/` : ''}`;

/** An export, for people: everything that is known of it. */
export function describe(about: ExportFieldsFragment): string {
  const { requestedBy, verification, failure } = about;
  return properties([
    ['Export', about.id],
    ['Status', progressOf(about)],
    ['Table', about.tableArn],
    ['What', `${whatOf(about)}, as ${about.exportFormat}${about.filter ? ', filtered' : ''}`],
    ['Files', locationOf(about)],
    ['Requested', about.createdAt],
    ['By', requestedBy ? (requestedBy.name ?? requestedBy.subject) : 'somebody outside Outport'],
    ['Started', about.startTime],
    ['Ended', about.endTime],
    ['Billed', about.billedSizeBytes === null ? null : bytes(about.billedSizeBytes)],
    ['Verification', verification && verificationOf(verification)],
    ['Retry of', about.retryOf?.id],
    ['Export ARN', about.exportArn],
    ['Client token', about.clientToken],
    ['Failure', failure && `${failure.code}: ${failure.message}`],
    ['Remedy', failure?.remedy],
  ]);
}

/** What a check of the files found. */
export function verificationOf(verification: NonNullable<ExportFieldsFragment['verification']>): string {
  const { status, deep, filesChecked, itemsCounted, problems } = verification;
  const items = itemsCounted === null ? '' : `, ${counted(itemsCounted, 'item')} counted`;
  const found = problems.length === 0 ? '' : `: ${problems.join('; ')}`;
  return `${status}, ${counted(filesChecked, 'file')} ${deep ? 'read' : 'compared'}${items}${found}`;
}
