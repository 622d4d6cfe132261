import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exportCompleted, recordsTableOf, writeMove } from '../support/export-moves.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { startWebhookReceiver, verified, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver.ts';

let receiver: WebhookReceiver;
let outport: OutportProcess;
beforeAll(async () => {
  receiver = await startWebhookReceiver();
  outport = await startOutport({
    allowLocalWebhooks: true,
    params: {
      webhooks: JSON.stringify([
        { name: 'portal', url: `${receiver.url}?key=of-the-portal` },
        { name: 'gone', url: 'https://localhost/?key=of-the-portal' },
      ]),
      webhookSecrets: JSON.stringify(['portal', 'gone'].map((name) => ({ name, secret: WEBHOOK_SECRET }))),
    },
  });
});
afterAll(async () => {
  await outport.stop();
  await receiver.close();
});

async function logs(): Promise<string> {
  const directory = path.join(outport.directory, 'logs');
  const files = await readdir(directory);
  return (await Promise.all(files.map((file) => readFile(path.join(directory, file), 'utf8')))).join('');
}

test('a webhook is told of a move from the stream on, and no log tells its secret or its address', async () => {
  const table = recordsTableOf(outport);
  await writeMove(table, exportCompleted('exp_1', 2));
  table.client.destroy();
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), 20_000);
  await vi.waitFor(async () => {
    const soFar = await logs();
    expect(soFar).toMatch(/"webhook":"gone".*"outcome":"REFUSED"/);
    expect(soFar).toMatch(/"webhook":"portal","eventId":"exp_1\/2","attempts":1,"outcome":"TAKEN"/);
  }, 20_000);

  const [request] = receiver.received;
  expect(request && verified(request)).toMatchObject({ id: 'exp_1/2', type: 'outport.export.completed' });
  const printed = await logs();
  expect(printed).not.toContain(WEBHOOK_SECRET.slice('whsec_'.length));
  expect(printed).not.toContain('of-the-portal');
});
