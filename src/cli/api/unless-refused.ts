import { refusal } from '../../client/errors.ts';
import type { ScheduleFieldsFragment, UserErrorFieldsFragment } from '../../client/index.ts';

interface SchedulePayload {
  readonly schedule: ScheduleFieldsFragment | null;
  readonly userErrors: readonly UserErrorFieldsFragment[];
}

/** The schedule of a mutation. @throws RefusedError when it was refused */
export function unlessRefused({ schedule, userErrors }: SchedulePayload): ScheduleFieldsFragment {
  if (userErrors.length > 0) throw refusal(userErrors, null);
  if (!schedule) throw new Error('there is neither a schedule nor a reason');
  return schedule;
}
