import type { ExportStatus } from '../records/export-records.ts';
import type { SignedWebhook, Webhook } from '../services/webhooks/webhook.ts';
import { JsonEntry } from './json-entries.ts';

/** Each has a loop of its own in a run of reconcile. */
const WEBHOOKS_MAX = 20;
const NAME = /^[a-zA-Z0-9-]{1,64}$/;
const STATUSES: readonly ExportStatus[] = ['QUEUED', 'IN_PROGRESS', 'COMPLETED', 'FAILED', 'CANCELED'];

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
/** Standard Webhooks asks for 24 to 64 bytes. */
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;

/**
 * Reads `OUTPORT_WEBHOOKS`: who is told of moves over HTTPS, a JSON list of `{name, url, team?, statuses?}`; nobody unless
 * it is set.
 */
export function readWebhooks(env: NodeJS.ProcessEnv): readonly Webhook[] {
  const allowLocal = areLocalWebhooksAllowed(env);
  const webhooks = JsonEntry.list('OUTPORT_WEBHOOKS', env.OUTPORT_WEBHOOKS || '[]', (entry) => ({
    name: entry.text('name', 'be 1 to 64 letters, digits or -', (name) => NAME.test(name)),
    url: entry.text('url', 'be an https address without a user', (url) => isAddress(url, allowLocal)),
    team: entry.optionalText('team', 'be the name of a team', Boolean),
    statuses: entry.has('statuses')
      ? statusesOf(entry.texts('statuses', `be of ${STATUSES.join(', ')}`, (name) => STATUSES.some((s) => s === name)))
      : null,
  }));
  if (webhooks.length > WEBHOOKS_MAX) throw new Error(`OUTPORT_WEBHOOKS must have ${WEBHOOKS_MAX} entries at most`);
  if (new Set(webhooks.map(({ name }) => name)).size < webhooks.length) {
    throw new Error('OUTPORT_WEBHOOKS: every entry must have another name');
  }
  return webhooks;
}

/**
 * Reads the same, and `OUTPORT_WEBHOOK_SECRETS`: a JSON list of `{name, secret}` with a secret, or a list of them, for
 * each of them. The function that sends is the only one to know it.
 */
export function readSignedWebhooks(env: NodeJS.ProcessEnv): readonly SignedWebhook[] {
  const secrets = new Map(
    JsonEntry.list('OUTPORT_WEBHOOK_SECRETS', env.OUTPORT_WEBHOOK_SECRETS || '[]', (entry) => [
      entry.text('name', 'be the name of a webhook', (name) => NAME.test(name)),
      entry.texts('secret', 'be whsec_ and 24 to 64 bytes as base64', (text) => bytesOf(text) !== null),
    ]),
  );
  return readWebhooks(env).map((webhook) => {
    const texts = secrets.get(webhook.name);
    if (!texts) throw new Error(`OUTPORT_WEBHOOK_SECRETS must have an entry for the webhook ${webhook.name}`);
    return { ...webhook, secrets: texts.flatMap((text) => bytesOf(text) ?? []) };
  });
}

/** `OUTPORT_ALLOW_LOCAL_WEBHOOKS`: a test aid of `outport serve`, which nothing else sets: see `createPostWebhook`. */
export const areLocalWebhooksAllowed = (env: NodeJS.ProcessEnv): boolean => env.OUTPORT_ALLOW_LOCAL_WEBHOOKS === 'true';

function isAddress(text: string, allowLocal: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username } = new URL(text);
  return username === '' && (protocol === 'https:' || (allowLocal && protocol === 'http:' && hostname === '127.0.0.1'));
}

const statusesOf = (names: readonly string[]): ExportStatus[] => STATUSES.filter((status) => names.includes(status));

function bytesOf(secret: string): Buffer | null {
  const bytes = Buffer.from(SECRET.exec(secret)?.[1] ?? '', 'base64');
  return bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX ? bytes : null;
}
