import type { AccountRegion } from '../records/ledger.ts';
import { parseAccountRegion } from '../services/table-arn.ts';
import { JsonEntry } from './json-entries.ts';

const ACCOUNT = /^\d{12}$/;
const ANY_ACCOUNT = '000000000000';

/**
 * Reads `OUTPORT_ACCOUNTS`: accounts and Regions that portals offer before anything has been exported from there, a JSON
 * list of `{account, regions}`. It opens nothing: the roles and the policies do.
 */
export function readAccounts(text: string | undefined): readonly AccountRegion[] {
  const entries = JsonEntry.list('OUTPORT_ACCOUNTS', text || '[]', (entry) => ({
    account: entry.text('account', 'be a 12-digit account id', (id) => ACCOUNT.test(id)),
    regions: entry.texts('regions', 'be a list of Regions such as eu-central-1', isRegion),
  }));
  return entries.flatMap(({ account, regions }) =>
    regions.flatMap((region) => parseAccountRegion(account, region) ?? []),
  );
}

const isRegion = (region: string): boolean => parseAccountRegion(ANY_ACCOUNT, region) !== null;
