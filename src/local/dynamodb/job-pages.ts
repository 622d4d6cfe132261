import { invalidRequest } from './errors.ts';
import type { JobKind } from './job-arn.ts';
import type { Job, JobStore } from './job-store.ts';
import type { Scope } from './table.ts';

export const PAGE_MAX = 25;

/** DynamoDB's tokens have at least this many hexadecimal digits, and the AWS CLI refuses to send shorter ones. */
const TOKEN_DIGITS_MIN = 112;

interface TableJob extends Job {
  readonly tableId: string;
}

interface PageRequest {
  /** Jobs of a table are those of its TableId: a table created again under its name starts with none. */
  readonly tableId: string | null | undefined;
  readonly sizeMax: number | undefined;
  readonly token: string | undefined;
}

/** A page of exports or imports, newest first, and the token of the next page if there is one. */
export async function readPage<Record extends TableJob>(
  store: JobStore<Record>,
  kind: JobKind,
  scope: Scope,
  { tableId, sizeMax = PAGE_MAX, token }: PageRequest,
): Promise<{ readonly records: readonly Record[]; readonly next: { NextToken?: string } }> {
  const found: Record[] = [];
  for await (const record of store.newestFirst(scope, token && positionIn(token, kind))) {
    if (tableId !== undefined && record.tableId !== tableId) continue;
    found.push(record);
    if (found.length > sizeMax) break;
  }
  const records = found.slice(0, sizeMax);
  const last = records.at(-1);
  return { records, next: found.length > sizeMax && last ? { NextToken: tokenAfter(last.jobId, kind) } : {} };
}

/** Tokens are opaque to clients; the kind in them keeps those of other lists out. */
function tokenAfter(jobId: string, kind: JobKind): string {
  return Buffer.from(`${kind}:${jobId}`.padEnd(TOKEN_DIGITS_MIN / 2)).toString('hex');
}

function positionIn(token: string, kind: JobKind): string {
  const text = /^([0-9a-f]{2})+$/.test(token) ? Buffer.from(token, 'hex').toString().trimEnd() : '';
  const [itsKind, jobId = ''] = text.split(':');
  if (itsKind !== kind || !/^\d{14}-[0-9a-f]{8}$/.test(jobId)) {
    throw invalidRequest(`Provided nextToken is invalid: ${token}`);
  }
  return jobId;
}
