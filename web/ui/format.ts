/** Quantities and names, as people read them. The console speaks English. */

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

const ONE_DIGIT = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** `1.2 MiB`: binary units, by which DynamoDB is billed and limited, and which the command prints. */
export function bytes(value: number): string {
  const power = Math.min(UNITS.length, Math.floor(Math.log2(Math.max(1, value)) / 10));
  if (power === 0) return counted(Math.round(value), 'byte');
  return `${ONE_DIGIT.format(value / 1024 ** power)} ${UNITS[power - 1]}`;
}

/** `138,398`. */
export const count = (value: number): string => new Intl.NumberFormat('en').format(value);

/** `1 item`, `2 items`. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** `42 %`. */
export const percent = (share: number): string =>
  new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: share < 0.01 && share > 0 ? 1 : 0 }).format(
    share,
  );

export const money = (amount: number, currency: string): string =>
  amount > 0 && amount < 0.01
    ? `under ${money(0.01, currency)}`
    : new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount);

/** `1 h 5 min`, `12 s`: the two largest units. */
export function duration(seconds: number): string {
  const parts: Array<[number, string]> = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first === -1) return 'under 1 s';
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}

const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `yesterday`, `3 weeks ago`: roughly. */
export function ago(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  const [unit, length] = SPANS.find(([, each]) => -seconds >= each) ?? ['second', 1];
  return unit === 'second' ? 'just now' : AGO.format(Math.ceil(seconds / length), unit);
}

const SPANS = [
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

const DATE_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** `23 Nov 2026, 08:15:02`, in the reader's own time zone. */
export const dateTime = (iso: string | number): string => DATE_TIME.format(new Date(iso));

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const TIME = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });

/** `23 Nov`. */
export const date = (moment: number): string => DATE.format(moment);

/** `Mon 08:15`. */
export const time = (moment: number): string => TIME.format(moment);

/** `2026-11-23T08:15:02Z`, as the API takes whole seconds. */
export const toSecond = (moment: number): string => new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z');

/** `Not allowed`, from `NOT_ALLOWED`: of values that this version may not know. */
export const words = (constant: string): string => {
  const lower = constant.toLowerCase().replaceAll('_', ' ');
  return lower.charAt(0).toUpperCase() + lower.slice(1);
};
