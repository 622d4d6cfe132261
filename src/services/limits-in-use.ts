import type { Requester } from '../records/export-records.ts';
import { type AccountRegion, type Ledger, readLedger } from '../records/ledger.ts';
import { type Owner, personOf } from '../records/owners.ts';
import { readQueues } from '../records/queue-tickets.ts';
import { bytesInFlight, exportsInFlight, exportsInFlightOf, startsWithinDay } from './admission.ts';
import type { Outport } from './outport.ts';
import { quotaOf } from './quotas.ts';

export interface LimitUse {
  readonly inUse: number;
  /** Null: no limit. */
  readonly max: number | null;
}

export interface QuotaUse {
  readonly scope: 'TEAM' | 'PERSON';
  /** Of the team, or the person's subject. */
  readonly name: string;
  readonly exports: LimitUse;
  /** Null without a quota, as nothing is counted then. */
  readonly startsPerDay: LimitUse | null;
}

export interface LimitsInUse extends AccountRegion {
  /** Of everybody together; null when the viewer may see only their own. */
  readonly inAll: { readonly exports: LimitUse; readonly bytes: LimitUse; readonly queued: number } | null;
  /** The viewer's own, and those of their teams. */
  readonly quotas: readonly QuotaUse[];
}

/** What is in use of the limits of an account and Region, or null when the viewer may not know. */
export async function limitsInUse(
  outport: Outport,
  viewer: Requester,
  scope: AccountRegion,
): Promise<LimitsInUse | null> {
  const mayViewAll = outport.permit(viewer, { action: 'ViewLimits', scope }).allowed;
  if (!mayViewAll && !outport.permit(viewer, { action: 'ViewOwnQuotas', scope }).allowed) return null;
  const [ledger, queues] = await Promise.all([
    readLedger(outport.table, scope),
    mayViewAll ? readQueues(outport.table, scope) : [],
  ]);
  const { maxExports, maxBytes } = outport.limits;
  return {
    ...scope,
    inAll: mayViewAll
      ? {
          exports: { inUse: exportsInFlight(ledger), max: maxExports },
          bytes: { inUse: bytesInFlight(ledger), max: maxBytes },
          queued: queues.reduce((sum, { tickets }) => sum + tickets.size, 0),
        }
      : null,
    quotas: [
      ...viewer.teams.map((name) => quotaInUse(outport, ledger, `team:${name}`, { scope: 'TEAM', name })),
      quotaInUse(outport, ledger, personOf(viewer), { scope: 'PERSON', name: viewer.subject }),
    ],
  };
}

function quotaInUse(
  { quotas, now }: Outport,
  ledger: Ledger,
  owner: Owner,
  whose: Pick<QuotaUse, 'scope' | 'name'>,
): QuotaUse {
  const { maxExports, maxStartsPerDay } = quotaOf(quotas, owner);
  return {
    ...whose,
    exports: { inUse: exportsInFlightOf(ledger, owner), max: maxExports },
    startsPerDay:
      maxStartsPerDay === null ? null : { inUse: startsWithinDay(ledger, owner, now()).length, max: maxStartsPerDay },
  };
}
