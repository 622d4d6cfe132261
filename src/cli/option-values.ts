import { InvalidArgumentError } from 'commander';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A port number, 0 for any that is free. */
export function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return number;
}

/** A number of something, at least one. */
export function count(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number === 0) {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return number;
}

/** A duration such as `90s`, `15m` or `2h`, in milliseconds. */
export function duration(text: string): number {
  const [, number, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = SECONDS[unit];
  if (number === undefined || seconds === undefined) {
    throw new InvalidArgumentError('It must be a duration such as 90s, 15m or 2h.');
  }
  return Number(number) * seconds * 1000;
}

/** Whole minutes, 15 to 1,440: the length of a window. */
export function windowMinutes(text: string): number {
  const minutes = duration(text) / 60_000;
  if (Number.isInteger(minutes) && minutes >= 15 && minutes <= 1_440) return minutes;
  throw new InvalidArgumentError('It must be whole minutes from 15m to 24h.');
}

/** Whole days, such as `30d`, 1 to 365. */
export function days(text: string): number {
  const number = duration(text) / 86_400_000;
  if (Number.isInteger(number) && number >= 1 && number <= 365) return number;
  throw new InvalidArgumentError('It must be whole days from 1d to 365d.');
}

/** A moment, such as `2026-11-17T00:00:00Z`, or a duration ago, such as `-2h`; as the API takes it. */
export function moment(text: string): string {
  if (text.startsWith('-')) return wholeSecond(Date.now() - duration(text.slice(1)));
  const time = /^\d{4}-\d\d-\d\d(T\S+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      'It must be a time with its zone, such as 2026-11-17T00:00:00Z, or -2h for 2 hours ago.',
    );
  }
  return wholeSecond(time);
}

/** The API counts in whole seconds. */
const wholeSecond = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** An address. */
export function url(text: string): string {
  if (!URL.canParse(text)) throw new InvalidArgumentError('It must be a URL.');
  return text;
}

/** A JSON object, such as `{"#s": "status"}`. */
export function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as \'{"#s": "status"}\'.');
}

/** `NAME=VALUE`, added to those before. */
export function parameter(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const separator = text.indexOf('=');
  if (separator < 1) throw new InvalidArgumentError('It must be NAME=VALUE.');
  return { ...before, [text.slice(0, separator)]: text.slice(separator + 1) };
}

/** Text that is not empty. */
export function filled(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}
