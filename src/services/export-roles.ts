/** The role that is assumed in an account. */
export interface ExportRole {
  /** The account it is for; null: every one. */
  readonly account: string | null;
  /** The team on whose behalf it is assumed; null: every one, and Outport itself. */
  readonly team: string | null;
  /** Its name in the account. */
  readonly role: string;
  /** What the role's trust policy expects, agreed on with the account's owner. */
  readonly externalId: string | null;
}

/** The first entry that fits an account and the team that an export is for; the configuration ends with one for all. */
export function roleFor(roles: readonly ExportRole[], account: string, team: string | null): ExportRole {
  const found = roles.find(
    (entry) => (entry.account === null || entry.account === account) && (entry.team === null || entry.team === team),
  );
  if (!found) throw new Error(`no role is configured for account ${account}`);
  return found;
}
