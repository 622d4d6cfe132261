/** Quantities and names, as people read them. The console speaks English. */

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** `1.2 MB`: decimal units, as AWS bills them. */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  const unit = UNITS[power];
  return new Intl.NumberFormat('en', {
    style: 'unit',
    unit,
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(value / 1000 ** power);
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

const DATE_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** `23 Nov 2026, 08:15:02`, in the reader's own time zone. */
export const dateTime = (iso: string | number): string => DATE_TIME.format(new Date(iso));

/** `2026-11-23T08:15:02Z`, as the API takes whole seconds. */
export const toSecond = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

/** `Not allowed`, from `NOT_ALLOWED`: of values that this version may not know. */
export const words = (constant: string): string => {
  const lower = constant.toLowerCase().replaceAll('_', ' ');
  return lower.charAt(0).toUpperCase() + lower.slice(1);
};
