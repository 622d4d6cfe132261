import type { ExportStatus } from '../../records/export-records.ts';
import type { OutportEvent } from '../events/cloud-event.ts';

/** An address that is told of the moves of exports, by configuration. */
export interface Webhook {
  /** Tells it from the others, in records, logs and metrics: addresses may hold secrets. */
  readonly name: string;
  readonly url: string;
  /** Of exports that count for this team only; null: of all. */
  readonly team: string | null;
  /** Of moves into these states only; null: of all. */
  readonly statuses: readonly ExportStatus[] | null;
}

/** A webhook as whoever sends to it knows it. */
export interface SignedWebhook extends Webhook {
  /** Each signs every event. More than one while a new one takes the place of an old one. */
  readonly secrets: readonly Buffer[];
}

/** Whether a webhook is to be told of an event. What is told of schedules is for those that hear of exports that failed. */
export function isMeantFor({ team, statuses }: Webhook, event: OutportEvent): boolean {
  const { teams, status } =
    'teams' in event.data
      ? { teams: event.data.teams, status: 'FAILED' as const }
      : { teams: [event.data.team], status: event.data.status };
  return (team === null || teams.includes(team)) && (statuses === null || statuses.includes(status));
}
