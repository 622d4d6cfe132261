import { type CompletedExport, type ExportRecord, type ExportsOf, readExports } from '../../records/export-records.ts';
import type { RecordsTable } from '../../records/table.ts';
import type { ExportRequest } from '../export-request.ts';
import { parseTableArn } from '../table-arn.ts';

/** What exports of the same kind have been like. */
export interface PastExports {
  readonly of: 'TABLE' | 'ACCOUNT';
  readonly exports: readonly CompletedExport[];
}

const SAMPLE_MAX = 20;
/** Records looked at, of the table and of all that have completed: what bounds the cost of an estimate. */
const LOOKED_AT_MAX = 2 * SAMPLE_MAX;

/**
 * The completed exports of the type among the latest of the table; where there are none, those of the table's account and
 * Region among the latest that have completed.
 */
export async function readPastExports(
  table: RecordsTable,
  { table: { arn, account, region }, exportType }: Pick<ExportRequest, 'table' | 'exportType'>,
): Promise<PastExports> {
  const ofTable = await sample(table, { of: 'TABLE', tableArn: arn }, (record) => record.exportType === exportType);
  if (ofTable.length > 0) return { of: 'TABLE', exports: ofTable };
  const ofAccount = await sample(table, { of: 'STATUS', status: 'COMPLETED' }, (record) => {
    const other = parseTableArn(record.tableArn);
    return record.exportType === exportType && other?.account === account && other.region === region;
  });
  return { of: 'ACCOUNT', exports: ofAccount };
}

async function sample(
  table: RecordsTable,
  whose: ExportsOf,
  fits: (record: ExportRecord) => boolean,
): Promise<CompletedExport[]> {
  const completed: CompletedExport[] = [];
  let lookedAt = 0;
  for await (const record of readExports(table, whose, { after: null, expected: LOOKED_AT_MAX })) {
    lookedAt += 1;
    if (record.status === 'COMPLETED' && fits(record)) completed.push(record);
    if (completed.length === SAMPLE_MAX || lookedAt === LOOKED_AT_MAX) break;
  }
  return completed;
}
