import { appendAuditEvent } from '../../records/audit-records.ts';
import { type ExportRecord, readExport } from '../../records/export-records.ts';
import { replaceSchedule, type ScheduleProblem, type ScheduleRecord } from '../../records/schedule-records.ts';
import { personOf } from '../audit.ts';
import { classifyAwsError } from '../aws-errors.ts';
import { inputHash } from '../export-request.ts';
import { requestExport } from '../export-table.ts';
import type { Outport } from '../outport.ts';
import type { RequestOrigin } from '../principal.ts';
import { readRecovery } from '../recovery-window.ts';
import { tableOf } from '../table-arn.ts';
import { linkRequest } from './link-export.ts';
import type { Recovery } from './plan-link.ts';
import type { LinkExport, ScheduleWorld } from './step-schedule.ts';

/** What steps of schedules see and do: AWS on behalf of the person who made the schedule, and our records. */
export const scheduleWorld = (outport: Outport): ScheduleWorld => ({
  now: outport.now,
  readRecovery: (schedule) => recoveryOf(outport, schedule),
  async readExport(schedule, link) {
    const record = await readExport(outport.table, link.exportId);
    if (record && record.inputHash !== inputHash(linkRequest(schedule, link))) return NOT_OF_THE_LINK;
    return record && linkExportOf(record);
  },
  async requestExport(schedule, link) {
    const request = linkRequest(schedule, link);
    const { export: record, userErrors } = await requestExport(
      outport,
      schedule.requestedBy,
      originOf(schedule),
      request,
      'QUEUE',
    );
    const [refusal] = userErrors;
    if (record !== null) return null;
    if (!refusal) throw new Error(`link ${link.number} of ${schedule.id} was refused for nothing`);
    const { code, message } = refusal;
    return { code, message };
  },
  tellBroken: (schedule, problem) => recordGap(outport, schedule, problem),
  write: ({ schedule, link }) => replaceSchedule(outport.table, schedule, link),
});

/** The person may have sent the client token of a link with another request: the chain goes on with what was promised only. */
const NOT_OF_THE_LINK: LinkExport = {
  status: 'FAILED',
  problem: { code: 'CLIENT_TOKEN_REUSED', message: 'The client token of the link belongs to another request.' },
};

/** Requests of a schedule come from no address; what they are part of is told in its place. */
const originOf = ({ id }: ScheduleRecord): RequestOrigin => ({
  requestId: id,
  sourceIpAddress: 'outport',
  userAgent: 'schedule',
});

async function recoveryOf(outport: Outport, schedule: ScheduleRecord): Promise<Recovery | null | ScheduleProblem> {
  const table = tableOf(schedule);
  const { dynamodb } = outport.accounts(table, { to: 'SEE_TABLES', person: schedule.requestedBy });
  try {
    const { EarliestRestorableDateTime: earliest, LatestRestorableDateTime: latest } =
      (await readRecovery(dynamodb, table.tableName)) ?? {};
    return earliest && latest ? { earliest, latest } : null;
  } catch (error) {
    const failure = classifyAwsError(error);
    if (failure.kind === 'RETRYABLE') return { code: 'AWS_UNAVAILABLE', message: failure.message };
    const { code, message } = failure.error;
    return { code, message };
  }
}

function linkExportOf(record: ExportRecord): LinkExport {
  switch (record.status) {
    case 'QUEUED':
    case 'IN_PROGRESS':
      return { status: 'OPEN' };
    case 'COMPLETED':
      return { status: 'COMPLETED', verified: record.verification.status === 'VERIFIED' };
    case 'FAILED': {
      const { code, message } = record.failure;
      return { status: 'FAILED', problem: { code, message } };
    }
    case 'CANCELED':
      return { status: 'FAILED', problem: { code: 'EXPORT_FAILED', message: 'Somebody canceled its export.' } };
    default:
      return record satisfies never;
  }
}

/** One event a chain, however many processes find it broken. */
function recordGap({ table, now }: Outport, schedule: ScheduleRecord, problem: ScheduleProblem): Promise<void> {
  const { id, chain, requestedBy, tableArn } = schedule;
  return appendAuditEvent(table, {
    ...personOf(requestedBy),
    id: `${id}-chain-${chain.number}-GAP`,
    eventTime: now().toISOString(),
    source: 'OUTPORT',
    eventName: 'CreateSchedule',
    outcome: 'GAP',
    sourceIpAddress: null,
    userAgent: null,
    requestId: null,
    tableArn,
    exportId: null,
    exportArn: null,
    input: JSON.stringify({ scheduleId: id, chain: chain.number, from: chain.through }),
    decision: null,
    policyIds: [],
    errorCode: problem.code,
    errorMessage: problem.message,
  });
}
