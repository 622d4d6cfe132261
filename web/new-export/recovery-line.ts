/** The seconds that a table can be exported as of. Milliseconds, all of them whole seconds. */
export interface RecoveryLine {
  readonly earliest: number;
  readonly latest: number;
}

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

/** Undefined when the table cannot be exported, or AWS does not say how far back. */
export function recoveryLine(earliestRestorableTime: string | null | undefined, now: number): RecoveryLine | undefined {
  if (!earliestRestorableTime) return undefined;
  const earliest = Math.ceil(Date.parse(earliestRestorableTime) / SECOND_MS) * SECOND_MS;
  const latest = Math.floor(now / SECOND_MS) * SECOND_MS;
  return earliest < latest ? { earliest, latest } : undefined;
}

const SPANS = [
  { label: 'Hour', ms: HOUR_MS },
  { label: 'Day', ms: 24 * HOUR_MS },
  { label: 'Week', ms: 7 * 24 * HOUR_MS },
] as const;

/** The spans that show less than all of a line. */
export const spansWithin = ({ earliest, latest }: RecoveryLine) => SPANS.filter(({ ms }) => ms < latest - earliest);

/** The shortest span in which what has to be seen takes no more than a half; all of the line, when there is none. */
export const spanFor = (line: RecoveryLine, seenMs: number): string =>
  (seenMs > 0 && spansWithin(line).find(({ ms }) => ms >= 2 * seenMs)?.label) || ALL;

/** The label of the whole line. */
export const ALL = 'All';

/** Moments to write below a line, evenly from its begin to its end. */
export const ticksOf = ({ earliest, latest }: RecoveryLine, count: number): readonly number[] =>
  Array.from({ length: count }, (_, tick) => earliest + ((latest - earliest) * tick) / (count - 1));

/** The part of a line that has a moment in its middle, as far as the line goes. */
export function zoom(line: RecoveryLine, spanMs: number, around: number): RecoveryLine {
  const begin = Math.max(line.earliest, Math.min(around - spanMs / 2, line.latest - spanMs));
  return { earliest: begin, latest: Math.min(line.latest, begin + spanMs) };
}

export const clamp = ({ earliest, latest }: RecoveryLine, time: number): number =>
  Math.min(latest, Math.max(earliest, time));

/** As `datetime-local` has it: in the reader's time zone, to the second. */
export function toLocalInput(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  // Not by the offset, which JavaScript tells in minutes: until the last century clocks differed by seconds, too, and while
  // somebody types 2026 it is the year 202 for a moment.
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** NaN for what is not complete. */
export const fromLocalInput = (text: string): number => new Date(text).getTime();

export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
