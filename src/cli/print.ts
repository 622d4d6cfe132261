import { styleText } from 'node:util';
import type { Output } from './api/options.ts';

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string | number | null | undefined;
  /** Numbers stand at the right. */
  readonly right?: boolean;
}

const NOTHING = '-';
const GAP = '  ';
/** A narrower last column is not worth it. */
const WRAPPED_MIN = 24;

/** Prints a result: as JSON for programs, in words for people. */
export function print(output: Output, value: unknown, inWords: () => string): void {
  console.log(output === 'json' ? JSON.stringify(value, null, 2) : inWords());
}

/**
 * Rows below titles, in columns as wide as they need to be. On a terminal, words of the last column that go over its end
 * stand below each other; elsewhere a row is a line.
 */
export function table<Row>(rows: readonly Row[], columns: ReadonlyArray<Column<Row>>): string {
  const cells = rows.map((row) => columns.map(({ of }) => String(of(row) ?? NOTHING)));
  const titles = columns.map(({ title }) => title);
  const widths = titles.map((title, index) => Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) =>
        columns[index]?.right ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join(GAP)
      .trimEnd();
  const begin = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  const room = (process.stdout.isTTY && process.stdout.columns) || Number.POSITIVE_INFINITY;
  const wrapped = (row: readonly string[]) => {
    const [first = '', ...others] = wordsWithin(row.at(-1) ?? '', room - begin);
    return [line([...row.slice(0, -1), first]), ...others.map((words) => ' '.repeat(begin) + words)].join('\n');
  };
  const wraps = columns.at(-1)?.right !== true && room - begin >= WRAPPED_MIN;
  return [bold(line(titles)), ...cells.map(wraps ? wrapped : line)].join('\n');
}

/** Breaks a text between words, so that no line is longer than `width`, unless a word is. */
function wordsWithin(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Names and what they stand for, one a line; those that stand for nothing are left out. */
export function properties(entries: ReadonlyArray<readonly [name: string, value: string | number | null | undefined]>) {
  const known = entries.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}${GAP}${value}`).join('\n');
}

/** Only where a terminal shows it, and NO_COLOR does not ask otherwise. */
function bold(text: string): string {
  return process.stdout.isTTY && process.stdout.hasColors() ? styleText('bold', text) : text;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1536` as `1.5 KiB`. */
export function bytes(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10));
  const value = count / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}

/** `1 file`, `2 files`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
