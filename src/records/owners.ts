/** Whom an export counts for beside its account and Region: `team:<name>` or `person:<issuer>|<subject>`. */
export type Owner = `team:${string}` | `person:${string}`;

export const personOf = ({ issuer, subject }: { readonly issuer: string; readonly subject: string }): Owner =>
  `person:${issuer}|${subject}`;

interface Owned {
  readonly team: string | null;
  readonly requestedBy: { readonly issuer: string; readonly subject: string } | null;
}

/** None when it was started elsewhere. The first is whose turn in the queue it is: without a team, the person's own. */
export function ownersOf({ team, requestedBy }: Owned): Owner[] {
  const owners: Owner[] = [];
  if (team !== null) owners.push(`team:${team}`);
  if (requestedBy !== null) owners.push(personOf(requestedBy));
  return owners;
}

/** Whose turn in the queue it is. */
export function queueOwnerOf(waiting: Owned & { readonly id: string }): Owner {
  const [first] = ownersOf(waiting);
  if (!first) throw new Error(`export ${waiting.id} waits, yet nobody has asked for it`);
  return first;
}
