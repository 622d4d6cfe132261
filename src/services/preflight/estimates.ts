import type { CompletedExport } from '../../records/export-records.ts';
import type { ExportRequest } from '../export-request.ts';
import type { PastExports } from './past-exports.ts';

/** What an export may come to, before it is known. Null where nothing is known to estimate from. */
export interface Estimates {
  /** `TableSizeBytes`, which AWS brings up to date every six hours. */
  readonly tableSizeBytes: number;
  readonly billedSizeBytes: number;
  readonly cost: CostEstimate;
  readonly duration: DurationEstimate | null;
  /** Compressed, of all files; null without past exports of the table. */
  readonly outputBytes: number | null;
}

export interface CostEstimate {
  readonly amount: number;
  readonly currency: 'USD';
  readonly note: string;
}

export interface DurationEstimate {
  readonly seconds: number;
  /** Whose past exports it is the median of. */
  readonly basis: PastExports['of'];
  readonly sampleSize: number;
}

/** Of us-east-1, as of September 2026 (facts §6). */
const USD_PER_GIB = 0.1;
const GIB = 1024 ** 3;
/** The least that AWS bills for an incremental export. */
const INCREMENTAL_BYTES_MIN = 10_000_000;

/** Estimates from the table's size and from what past exports came to. */
export function estimate(
  { exportType, filter, table: { region } }: Pick<ExportRequest, 'exportType' | 'filter' | 'table'>,
  tableSizeBytes: number,
  past: PastExports,
): Estimates {
  const ofTable = past.of === 'TABLE' ? past.exports : [];
  const billedSizeBytes =
    exportType === 'FULL_EXPORT'
      ? tableSizeBytes
      : Math.max(INCREMENTAL_BYTES_MIN, median(ofTable.map((record) => record.billedSizeBytes)) ?? 0);
  const basis =
    exportType === 'FULL_EXPORT'
      ? 'Estimate from the size of the table, which may be six hours old'
      : ofTable.length === 0
        ? 'The least that an incremental export costs; it grows with the changes in the window'
        : `Estimate from ${ofTable.length} past incremental exports, at least what 10 MB cost`;
  const keyCondition = filter?.keyConditionExpression ? ' A key condition may lower it; a filter does not.' : '';
  return {
    tableSizeBytes,
    billedSizeBytes,
    cost: {
      amount: (billedSizeBytes / GIB) * USD_PER_GIB,
      currency: 'USD',
      note: `${basis}: ${USD_PER_GIB.toFixed(2)} USD per GB of 1024³ bytes in us-east-1; the price in ${region} may differ. S3 requests, storage and transfer come on top.${keyCondition}`,
    },
    duration: durationOf(past),
    outputBytes: outputBytesOf(tableSizeBytes, ofTable, filter !== null),
  };
}

function durationOf({ of, exports }: PastExports): DurationEstimate | null {
  const seconds = median(exports.map(({ startTime, endTime }) => (Date.parse(endTime) - Date.parse(startTime)) / 1000));
  return seconds === null ? null : { seconds: Math.round(seconds), basis: of, sampleSize: exports.length };
}

/** How much of its size a table was as files the last times. What a filter leaves of it, nobody knows. */
function outputBytesOf(tableSizeBytes: number, ofTable: readonly CompletedExport[], filtered: boolean): number | null {
  const comparable = ofTable.filter(
    (record) => record.exportType === 'FULL_EXPORT' && !record.filter && record.tableSizeBytes > 0 && record.progress,
  );
  const ratio = median(comparable.map((record) => (record.progress?.bytesWritten ?? 0) / record.tableSizeBytes));
  return ratio === null || filtered ? null : Math.round(tableSizeBytes * ratio);
}

/** The middle value, or the mean of the two in the middle; null of none. */
function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
