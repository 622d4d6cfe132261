import type { Owner } from '../records/owners.ts';

/** What a team or a person may have of the limits of an account and Region. */
export interface Quota {
  /** `team:*` and `person:*` are every team and every person. */
  readonly owner: Owner;
  /** Exports in flight; null: no limit of their own. */
  readonly maxExports: number | null;
  /** Exports given a slot within any 24 hours; null: no limit. */
  readonly maxStartsPerDay: number | null;
}

const UNLIMITED = { maxExports: null, maxStartsPerDay: null };

/** What the first quota that fits an owner says. */
export function quotaOf(quotas: readonly Quota[], owner: Owner): Omit<Quota, 'owner'> {
  const everyone = owner.startsWith('team:') ? 'team:*' : 'person:*';
  return quotas.find((quota) => quota.owner === owner || quota.owner === everyone) ?? UNLIMITED;
}
