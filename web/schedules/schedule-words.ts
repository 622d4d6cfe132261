import { duration } from '../ui/format.ts';

/** `Every hour`, and when a chain begins anew. */
export function rhythmOf({
  windowMinutes,
  fullEveryDays,
}: {
  readonly windowMinutes: number;
  readonly fullEveryDays: number | null;
}): string {
  const changes = `Changes every ${duration(windowMinutes * 60)}`;
  return fullEveryDays === null ? changes : `${changes}, all of it every ${duration(fullEveryDays * 86_400)}`;
}

export const STATUS_COLORS: Readonly<Partial<Record<string, string>>> = {
  ACTIVE: 'teal',
  PAUSED: 'yellow',
  DELETED: 'gray',
};
