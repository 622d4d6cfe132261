import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of twenty-four.').toString('base64')}`;

export interface ReceivedWebhook {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Somebody's endpoint for webhooks. */
export async function startWebhookReceiver() {
  const received: ReceivedWebhook[] = [];
  let answer: (request: ReceivedWebhook) => number | null = () => 204;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const webhook = { headers: request.headers, body: Buffer.concat(chunks).toString() };
    received.push(webhook);
    const status = answer(webhook);
    if (status === null) response.destroy();
    else response.writeHead(status, { location: 'http://169.254.169.254/' }).end('never read');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/exports`,
    /** Every request there has been. */
    received,
    ids: () => received.map(({ headers }) => headers['webhook-id']),
    /** Answers with a status from now on; null: by breaking the connection. */
    answerWith(status: (request: ReceivedWebhook) => number | null) {
      answer = status;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

export type WebhookReceiver = Awaited<ReturnType<typeof startWebhookReceiver>>;

/**
 * The event in a request, as a receiver takes it that verifies with the library of Standard Webhooks.
 * @throws Error when the signature does not fit, or the request is older than five minutes
 */
// biome-ignore lint/suspicious/noExplicitAny: the event is looked into
export const verified = ({ headers, body }: ReceivedWebhook, secret = WEBHOOK_SECRET): any =>
  new Webhook(secret).verify(body, {
    'webhook-id': String(headers['webhook-id']),
    'webhook-timestamp': String(headers['webhook-timestamp']),
    'webhook-signature': String(headers['webhook-signature']),
  });
