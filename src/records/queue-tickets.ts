import { createHash } from 'node:crypto';
import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { conditionalUpdate } from './conditional-update.ts';
import type { WaitingExport } from './export-records.ts';
import type { AccountRegion } from './ledger.ts';
import { type Owner, queueOwnerOf } from './owners.ts';
import { type RecordsTable, TIME_TO_LIVE_ATTRIBUTE } from './table.ts';

/*
 * How long the queue of each team is, and who is before whom, told by as little as will do: one item a team, with a number
 * of nine bytes for each export that waits. See docs/decisions/0016-places-by-tickets.md.
 */

/** A ticket is the time in ms at which its export was asked for, times this, plus some of its id: by age, and hardly two alike. */
const TICKETS_PER_MS = 1_000;

export type Ticket = number;

/** What of a waiting export its ticket is made of. */
export const ticketOf = ({ id, createdAt }: Pick<WaitingExport, 'id' | 'createdAt'>): Ticket =>
  Date.parse(createdAt) * TICKETS_PER_MS + (createHash('sha256').update(id).digest().readUInt32BE() % TICKETS_PER_MS);

export const takenAtMs = (ticket: Ticket): number => Math.floor(ticket / TICKETS_PER_MS);

/** Whose exports wait: a team's, or those of a person without one. */
export interface TeamQueue {
  readonly owner: Owner;
  readonly tickets: ReadonlySet<Ticket>;
}

const partitionOf = ({ account, region }: AccountRegion): string => `QUEUE#${account}#${region}`;
const keyOf = (scope: AccountRegion, owner: Owner) => ({
  pk: partitionOf(scope),
  sk: createHash('sha256').update(owner).digest('hex'),
});

/**
 * Gives an export a place in the queue. May be repeated: the ticket is the export's own.
 * @param max how many of its team may wait; with so many there, nothing is done
 * @returns whether it has a place
 */
export function takeTicket(
  table: RecordsTable,
  scope: AccountRegion,
  record: Pick<WaitingExport, 'id' | 'createdAt' | 'team' | 'requestedBy'>,
  { max, expiresAt }: { readonly max: number; readonly expiresAt: Date },
): Promise<boolean> {
  const owner = queueOwnerOf(record);
  return conditionalUpdate(table, {
    Key: keyOf(scope, owner),
    UpdateExpression: 'ADD #tickets :ticket SET #kind = :kind, #owner = :owner, #expiresAt = :expiresAt',
    ConditionExpression: 'attribute_not_exists(#tickets) OR size(#tickets) < :max OR contains(#tickets, :own)',
    ExpressionAttributeNames: {
      '#tickets': 'tickets',
      '#kind': 'kind',
      '#owner': 'owner',
      '#expiresAt': TIME_TO_LIVE_ATTRIBUTE,
    },
    ExpressionAttributeValues: {
      ':ticket': new Set([ticketOf(record)]),
      ':own': ticketOf(record),
      ':kind': 'QUEUE_TICKETS',
      ':owner': owner,
      ':expiresAt': Math.ceil(expiresAt.getTime() / 1000),
      ':max': max,
    },
  });
}

/** Takes tickets away, if they are there. May be repeated. */
export async function dropTickets(
  table: RecordsTable,
  scope: AccountRegion,
  owner: Owner,
  tickets: readonly Ticket[],
): Promise<void> {
  await conditionalUpdate(table, {
    Key: keyOf(scope, owner),
    UpdateExpression: 'DELETE #tickets :tickets',
    // Without it an item that has expired would come back, empty.
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: { '#tickets': 'tickets' },
    ExpressionAttributeValues: { ':tickets': new Set(tickets) },
  });
}

/** The queues of an account and Region that somebody waits in, as of now (strongly consistent). */
export async function readQueues(table: RecordsTable, scope: AccountRegion): Promise<TeamQueue[]> {
  const queues: TeamQueue[] = [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: 'pk = :queue',
      ExpressionAttributeValues: { ':queue': partitionOf(scope) },
      ConsistentRead: true,
    },
  );
  // A set that becomes empty is gone.
  for await (const { Items = [] } of pages) {
    for (const { owner, tickets } of Items) if (tickets instanceof Set) queues.push({ owner, tickets });
  }
  return queues;
}
