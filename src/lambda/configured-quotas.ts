import type { Quota } from '../services/quotas.ts';
import { JsonEntry } from './json-entries.ts';

/** The ledger keeps each start of a day for whoever has a daily quota: 8 bytes each of an item of 400 KB. */
const STARTS_PER_DAY_MAX = 1_000;

/**
 * Reads `OUTPORT_QUOTAS`: what teams and persons may have of the limits of an account and Region, a JSON list of
 * `{team | person, maxExports?, maxStartsPerDay?}`, of which the first that fits is used. A person is
 * `<issuer>|<subject>`; `*` fits every team or every person.
 */
export function readQuotas(env: NodeJS.ProcessEnv): readonly Quota[] {
  return JsonEntry.list('OUTPORT_QUOTAS', env.OUTPORT_QUOTAS || '[]', (entry) => {
    const owner = entry.has('team')
      ? (`team:${entry.text('team', 'be the name of a team, or *', Boolean)}` as const)
      : (`person:${entry.text('person', 'be <issuer>|<subject>, or *, unless team is given', isPerson)}` as const);
    return {
      owner,
      maxExports: entry.optionalWholeNumber('maxExports', 0, Number.MAX_SAFE_INTEGER),
      maxStartsPerDay: entry.optionalWholeNumber('maxStartsPerDay', 0, STARTS_PER_DAY_MAX),
    };
  });
}

const isPerson = (text: string): boolean => text === '*' || text.includes('|');
