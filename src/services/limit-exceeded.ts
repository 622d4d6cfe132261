import type { ExceededLimit } from './admission.ts';
import { sizeText } from './size-text.ts';
import { type UserError, userError } from './user-errors.ts';

const SCOPES = { ACCOUNT_REGION: 'the account and Region', TEAM: 'your team', PERSON: 'you' } as const;

/** Tells a caller which limit leaves no room for their export, what of it is in use, and when to try again. */
export function limitExceeded(exceeded: ExceededLimit): UserError {
  const { scope, measure, inUse, max, retryAt } = exceeded;
  const used = {
    EXPORTS: `${inUse} of ${max} exports are in flight`,
    BYTES: `${sizeText(inUse)} of ${sizeText(max)} of tables are in flight`,
    STARTS_PER_DAY: `${inUse} of ${max} exports were started within a day`,
    QUEUED: `${inUse} of ${max} exports wait in the queue`,
  }[measure];
  const room =
    measure === 'STARTS_PER_DAY' ? 'There is room again from' : 'By past exports, there may be room from about';
  const when = retryAt === null ? '' : ` ${room} ${retryAt}.`;
  const code = measure === 'QUEUED' ? 'QUEUE_FULL' : 'LIMIT_EXCEEDED';
  return { ...userError(code, `For ${SCOPES[scope]}, ${used}.${when}`), limit: exceeded };
}
