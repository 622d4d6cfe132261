import type { Limits } from '../records/ledger.ts';
import type { RecordsTable } from '../records/table.ts';
import type { Accounts } from './accounts.ts';
import type { Permit } from './permit.ts';

/** What the services work with: made once a process, given to every one of them. */
export interface Outport {
  readonly table: RecordsTable;
  readonly accounts: Accounts;
  readonly permit: Permit;
  readonly limits: Limits;
  readonly now: () => Date;
  /** A new unique id, for audit events that have no natural one. */
  readonly newId: () => string;
}
