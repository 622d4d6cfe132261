import { median } from '../measure.ts';

/** Several values of one quantity. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly values: readonly number[];
}

/** A figure of the row held against the most that it may be. */
export interface Target {
  /** The figure as the table's column calls it. */
  readonly of: string;
  readonly is: number;
  readonly atMost: number;
  readonly met: boolean;
}

/** Column → cell. The columns of a table are those of its rows, in the order in which they come up. */
export type Row = Readonly<Record<string, string | number | Spread | readonly Target[]>>;

export interface Table {
  readonly title: string;
  /** What a reader has to know to read the figures rightly. */
  readonly notes: readonly string[];
  readonly rows: readonly Row[];
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), values };
}

export function target(of: string, is: number, atMost: number): Target {
  return { of, is, atMost, met: is <= atMost };
}

/** The table as text, its columns aligned. */
export function format({ title, notes, rows }: Table): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => formatCell(row[column])))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => align(cell, column, widths))
      .join('  ')
      .trimEnd(),
  );
  return [title, ...notes.map((note) => `  ${note}`), '', ...text, ''].join('\n');
}

/** The first column holds names, the others mostly figures. */
function align(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  return column === 0 || cell.includes('≤') ? cell.padEnd(width) : cell.padStart(width);
}

function formatCell(cell: Row[string] | undefined): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return formatNumber(cell);
  if ('median' in cell) {
    return cell.values.length === 1
      ? formatNumber(cell.median)
      : `${formatNumber(cell.median)} (${formatNumber(cell.min)}–${formatNumber(cell.max)})`;
  }
  return cell.map(({ of, is, atMost, met }) => formatTarget(of, is, atMost, met)).join(', ');
}

const formatTarget = (of: string, is: number, atMost: number, met: boolean) =>
  `${of} ≤ ${formatNumber(atMost)}: ${met ? 'met' : `MISSED by ${formatNumber(is / atMost)}×`}`;

/** Three digits, and all of those before the point. */
function formatNumber(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3).replace(/e.*/, (exponent) => ` × 10^${exponent.slice(1)}`);
}
