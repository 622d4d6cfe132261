import { type ExportRecord, isWaiting, type Requester } from '../records/export-records.ts';
import { authorizeExport } from './authorize-export.ts';
import { type ExportTableInput, parseExportRequest } from './export-request.ts';
import type { Outport } from './outport.ts';
import type { ExportAction } from './permit.ts';
import { requestAgain } from './request-again.ts';
import type { UserError } from './user-errors.ts';

/** What a person may do with an export as it is now: policies permit it, and its state allows it. */
export interface ViewerCan {
  readonly cancel: boolean;
  readonly retry: boolean;
  readonly verify: boolean;
  readonly read: boolean;
}

/** The states in which an action makes sense, whoever asks for it. */
const POSSIBLE: Readonly<Record<keyof ViewerCan, (record: ExportRecord) => boolean>> = {
  cancel: isWaiting,
  retry: ({ status }) => status === 'FAILED',
  verify: ({ status }) => status === 'COMPLETED',
  read: ({ status }) => status === 'COMPLETED',
};

const ACTIONS: Readonly<Record<keyof ViewerCan, ExportAction>> = {
  cancel: 'CancelExport',
  retry: 'RetryExport',
  verify: 'VerifyExport',
  read: 'ReadExportData',
};

/** Whether to offer a person an action on an export that they see. It may be refused all the same a moment later. */
export const viewerCan = (
  outport: Outport,
  viewer: Requester,
  action: keyof ViewerCan,
  record: ExportRecord,
): boolean =>
  POSSIBLE[action](record) &&
  outport.permit(viewer, { action: ACTIONS[action], record }).allowed &&
  (action !== 'retry' || mayExportAgain(outport, viewer, record));

/** A retry is a request of whoever asks for it, and permitted to them or not as any other. */
function mayExportAgain(outport: Outport, viewer: Requester, record: ExportRecord): boolean {
  const parsed = requestAgain(record, ANY_TOKEN);
  return parsed.ok && authorizeExport(outport, viewer, parsed.value).error === null;
}

/** Where a request is judged that nobody has sent. */
const ANY_TOKEN = 'none';

/** Why a person may not export a table, as it is now and whole, to a destination; empty when they may. */
export function whyNotExportTable(
  outport: Outport,
  viewer: Requester,
  { tableArn, destination }: Pick<ExportTableInput, 'tableArn' | 'destination'>,
): readonly UserError[] {
  const parsed = parseExportRequest({ clientToken: ANY_TOKEN, tableArn, destination, exportFormat: 'DYNAMODB_JSON' });
  if (!parsed.ok) return parsed.errors;
  const { error } = authorizeExport(outport, viewer, parsed.value);
  return error ? [error] : [];
}
