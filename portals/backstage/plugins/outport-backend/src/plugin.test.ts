import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mockCredentials } from '@backstage/backend-test-utils';
import type { Export, OutportBackendClient } from '@outport/backstage-plugin-outport-common';
import { createOutportClient } from 'outport/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutportProcess } from '../../../../../test/support/outport.ts';
import {
  BUCKET,
  INVOICES,
  ORDERS,
  outportFor,
  READER,
  startBackstage,
  startOutportWithTables,
} from '../../../test/portal';

const ANA = 'user:default/ana';

let outport: OutportProcess;
let backstage: Awaited<ReturnType<typeof startBackstage>>;
let ana: OutportBackendClient;
let reader: OutportBackendClient;

beforeAll(async () => {
  outport = await startOutportWithTables();
  backstage = await startBackstage(outport);
  ana = outportFor(backstage, mockCredentials.user.header(ANA));
  reader = outportFor(backstage, mockCredentials.user.header(READER));
});

afterAll(async () => {
  await backstage?.stop();
  await outport?.stop();
});

const request = () => ({ destination: { bucket: BUCKET, prefix: 'backstage' }, clientToken: randomUUID() });

describe('a user of Backstage', () => {
  it('exports a table of the catalog, follows it to its end and finds it in the list', async () => {
    const started = await ana.startExport(ORDERS, request());
    const seen: Export[] = [];
    const ended = await ana.waitForExport(ORDERS, started.id, {
      signal: AbortSignal.timeout(50_000),
      onUpdate: (update) => seen.push(update),
    });

    expect(ended).toMatchObject({ status: 'COMPLETED', itemCount: 3, destination: { prefix: 'backstage' } });
    expect(seen.map(({ version }) => version)).toEqual(seen.map(({ version }) => version).sort((a, b) => a - b));
    expect(await ana.getExport(ORDERS, started.id)).toMatchObject({ id: started.id, status: 'COMPLETED' });
    expect((await ana.listExports(ORDERS)).map(({ id }) => id)).toContain(started.id);
  });

  it('is named in the audit of Outport, beside whom the token is of', async () => {
    const { id } = await ana.startExport(ORDERS, request());

    const auditor = createOutportClient({ url: outport.graphqlUrl, token: outport.token });
    const asked = await auditor.auditEvents({ exportId: id, outcome: 'REQUESTED' }).next();
    expect(asked.value).toMatchObject({ userAgent: `Backstage (${ANA})`, principalName: 'Developer' });
  });

  it('is told what stands against an export, with the remedy, before it is started', async () => {
    const invoices = await ana.preflight(INVOICES, request());
    expect(invoices.ready).toBe(false);
    expect(
      invoices.checks.find(({ errorCode }) => errorCode === 'POINT_IN_TIME_RECOVERY_UNAVAILABLE')?.remedy,
    ).toBeTruthy();

    const orders = await ana.preflight(ORDERS, request());
    expect(orders).toMatchObject({ ready: true, estimates: { cost: { currency: 'USD' } } });
  });

  it('is told of each change as it happens', async () => {
    const updates = ana.followExports(ORDERS, AbortSignal.timeout(50_000));
    // An export of before may change while the beginning is on its way.
    while ((await updates.next()).value !== null);
    const { id } = await ana.startExport(ORDERS, request());
    for await (const update of updates) {
      if (update?.id === id && update.status === 'COMPLETED') break;
    }
  });

  it('is told when to ask, where Outport has no WebSocket API', async () => {
    const asking = await startBackstage(outport, { webSocketUrl: null });
    const user = outportFor(asking, mockCredentials.user.header(ANA));
    const { id } = await user.startExport(ORDERS, request());
    const ended = await user.waitForExport(ORDERS, id, { signal: AbortSignal.timeout(50_000) });
    expect(ended.status).toBe('COMPLETED');
    await asking.stop();
  });

  it('is given the same export for the same client token', async () => {
    const twice = request();
    const [first, second] = await Promise.all([ana.startExport(ORDERS, twice), ana.startExport(ORDERS, twice)]);
    expect(second.id).toBe(first.id);
  });
});

describe('who may not', () => {
  it('start an export is refused by name of the permission, and sees those that there are', async () => {
    await expect(reader.startExport(ORDERS, request())).rejects.toMatchObject({
      name: 'NotAllowedError',
      message: `You lack the permission outport.export.create for "${ORDERS}" in Backstage.`,
    });
    await expect(reader.preflight(ORDERS, request())).rejects.toMatchObject({ name: 'NotAllowedError' });
    await expect(reader.listExports(ORDERS)).resolves.toBeInstanceOf(Array);
  });

  it('be told from others is refused', async () => {
    const nobody = outportFor(backstage, mockCredentials.none.header());
    await expect(nobody.listExports(ORDERS)).rejects.toMatchObject({ name: 'AuthenticationError' });
  });
});

describe('what does not go', () => {
  it.each(['resource:default/website', 'resource:default/unknown'])('finds no table behind %s', async (entityRef) => {
    await expect(ana.listExports(entityRef)).rejects.toMatchObject({
      name: 'NotFoundError',
      message: expect.stringContaining('outport.dev/table-arn'),
    });
  });

  it("finds no export of another table by one's own", async () => {
    const { id } = await ana.startExport(ORDERS, request());
    await expect(ana.getExport(INVOICES, id)).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('is refused in the words of Outport, with its remedy', async () => {
    const nowhere = { ...request(), destination: { bucket: 'nowhere-at-all' } };
    await expect(ana.startExport(INVOICES, nowhere)).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(/recovery/i),
    });
  });

  it.each([
    ['no destination', {}, 'destination: Required'],
    ['no client token', { destination: { bucket: BUCKET } }, 'clientToken: Required'],
    ['another table', { ...request(), tableArn: 'arn:aws:dynamodb:us-east-1:1:table/x' }, 'tableArn'],
  ])('is no request: %s', async (_, body, problem) => {
    const response = await fetch(`${backstage.baseUrl}/tables/resource/default/orders/exports`, {
      method: 'POST',
      headers: { authorization: mockCredentials.user.header(ANA), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toContain(problem);
  });

  it('is no moment: a time that is none', async () => {
    await expect(ana.startExport(ORDERS, { ...request(), exportTime: 'noon' })).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringContaining('noon'),
    });
  });
});

describe('the token', () => {
  it('is got by client credentials, where they are configured', async () => {
    const issuer = createServer((_, response) => response.end(JSON.stringify({ access_token: outport.token })));
    await once(issuer.listen(0, '127.0.0.1'), 'listening');
    const { port } = issuer.address() as AddressInfo;
    const client = { tokenUrl: `http://127.0.0.1:${port}`, clientId: 'backstage', clientSecret: 'secret' };
    const configured = await startBackstage(outport, { auth: { clientCredentials: client } });
    const user = outportFor(configured, mockCredentials.user.header(ANA));
    await expect(user.listExports(ORDERS)).resolves.toBeInstanceOf(Array);
    await configured.stop();
    issuer.close();
  });
});

describe('without a token that Outport takes', () => {
  it('Backstage says so, not that its user is not signed in', async () => {
    const misconfigured = await startBackstage(outport, { auth: { token: 'of-nobody' } });
    const user = outportFor(misconfigured, mockCredentials.user.header(ANA));
    await expect(user.listExports(ORDERS)).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
    await misconfigured.stop();
  });

  it('Backstage does not start with two ways to get one, or none', async () => {
    const client = { tokenUrl: 'http://127.0.0.1:1', clientId: 'a', clientSecret: 'b' };
    await expect(startBackstage(outport, { auth: { token: 'a', clientCredentials: client } })).rejects.toThrow(
      /exactly one/,
    );
    await expect(startBackstage(outport, { auth: {} })).rejects.toThrow(/exactly one/);
  });
});
