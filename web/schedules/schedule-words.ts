import { counted } from '../ui/format.ts';

/** `Changes every hour`, and when a chain begins anew. */
export function rhythmOf({
  windowMinutes,
  fullEveryDays,
}: {
  readonly windowMinutes: number;
  readonly fullEveryDays: number | null;
}): string {
  const changes = `Changes every ${spanOf(windowMinutes)}`;
  return fullEveryDays === null ? changes : `${changes}, all of it every ${spanOf(fullEveryDays * 24 * 60)}`;
}

/** `hour`, `6 hours`, `day`: in the largest unit that it is a whole number of. */
function spanOf(minutes: number): string {
  const [unit, length] = UNITS.find(([, each]) => minutes % each === 0) ?? ['minute', 1];
  const number = minutes / length;
  return number === 1 ? unit : counted(number, unit);
}

const UNITS = [
  ['day', 24 * 60],
  ['hour', 60],
] as const;

export const STATUS_COLORS: Readonly<Partial<Record<string, string>>> = {
  ACTIVE: 'teal',
  PAUSED: 'yellow',
  DELETED: 'gray',
};
