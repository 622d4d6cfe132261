import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createControlPlane } from '../../src/lambda/control-plane.ts';
import type { AuditEvent } from '../../src/records/audit-event.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';

const REQUESTS_PER_MINUTE = 200;

let plane: TestControlPlane;
let platform: string;
let tableArn: string;

beforeAll(async () => {
  plane = await startControlPlane({
    OUTPORT_REQUESTS_PER_MINUTE: String(REQUESTS_PER_MINUTE),
    OUTPORT_DESTINATIONS: JSON.stringify([{ bucket: 'exports', prefix: 'exports/{team}/' }]),
  });
  platform = await plane.issuer.token('pat', ['platform']);
  tableArn = await plane.createTable('cities');
  await plane.createBucket('exports');
});
afterAll(() => plane.close());

/** The refusals of a kind, oldest first, with what an auditor sees of them. */
async function refusals(eventName: string): Promise<AuditEvent[]> {
  const { body } = await plane.query(
    platform,
    `query ($filter: AuditEventFilter) { auditEvents(first: 100, orderBy: EVENT_TIME_ASC, filter: $filter) { nodes {
       eventTime issuer principal sourceIpAddress tableArn exportId input decision policyIds errorCode errorMessage } } }`,
    { filter: { eventName, outcome: 'REFUSED' } },
  );
  return body.data.auditEvents.nodes;
}

describe('a preflight that the policies or destinations refuse', () => {
  const preflight = (token: string, destination: Record<string, unknown>) =>
    plane.query(token, 'query ($input: ExportTableInput!) { preflight(input: $input) { ready } }', {
      input: { clientToken: randomUUID(), tableArn, destination },
    });

  test('is in the audit with what was asked and what decided; one that only would fail is not', async () => {
    await preflight(await plane.issuer.token('mallory', ['marketing']), { bucket: 'exports' });
    await preflight(platform, { bucket: 'exports', prefix: 'exports/finance' });
    await preflight(platform, { bucket: 'exports', prefix: 'exports/platform' });
    await preflight(platform, { bucket: 'Not A Bucket' });
    expect(await refusals('Preflight')).toEqual([
      expect.objectContaining({
        principal: 'mallory',
        sourceIpAddress: '192.0.2.7',
        tableArn,
        exportId: null,
        input: expect.stringContaining('"bucket":"exports"'),
        decision: 'DENY',
        policyIds: [],
        errorCode: 'PERMISSION_DENIED',
      }),
      expect.objectContaining({
        principal: 'pat',
        decision: 'ALLOW',
        policyIds: ['platform-may-do-everything'],
        errorCode: 'DESTINATION_NOT_ALLOWED',
        errorMessage: expect.stringContaining('"exports/finance"'),
      }),
    ]);
  });
});

test('a request with an invalid input is in the audit with everything that is wrong with it', async () => {
  const { body } = await plane.query(
    platform,
    'mutation ($input: ExportTableInput!) { exportTable(input: $input) { userErrors { code message } } }',
    { input: { clientToken: '$', tableArn: 'cities', destination: { bucket: 'Not A Bucket' } } },
  );
  const { userErrors } = body.data.exportTable;
  expect(userErrors).toHaveLength(3);
  const lines = userErrors.map(({ code, message }: Record<string, string>) => `${code}: ${message}`);
  expect((await refusals('ExportTable')).at(-1)).toMatchObject({
    errorCode: 'INVALID_CLIENT_TOKEN',
    errorMessage: lines.join('\n'),
  });
});

describe('a request that is refused at the door', () => {
  /** Nobody else's requests are in the minute of a test. */
  let minuteMs = Date.UTC(2027, 0, 1);
  beforeEach(() => {
    minuteMs += 3_600_000;
    vi.useFakeTimers({ toFake: ['Date'], now: minuteMs + 20_000 });
  });
  afterEach(() => vi.useRealTimers());

  const inThisMinute = async () => {
    const [from, before] = [new Date(minuteMs).toISOString(), new Date(minuteMs + 60_000).toISOString()];
    platform = await plane.issuer.token('pat', ['platform']);
    return (await refusals('Request')).filter(({ eventTime }) => eventTime >= from && eventTime < before);
  };
  const origin = (address: string) => ({ requestId: randomUUID(), sourceIpAddress: address, userAgent: 'probe' });

  test('for its token is in the audit with the reason and the address, of which nobody can say who it was', async () => {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const expired = await plane.issuer.token('ann', ['platform'], { exp: nowSeconds - 60 });
    for (const token of [undefined, 'junk', expired]) {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      expect(await plane.send('{"query":"{ __typename }"}', headers)).toMatchObject({ status: 401 });
    }
    const nobody = { issuer: null, principal: null, decision: null, sourceIpAddress: '192.0.2.7' };
    const recorded = await inThisMinute();
    expect(recorded.toSorted((a, b) => ((a.errorCode ?? '') < (b.errorCode ?? '') ? -1 : 1))).toMatchObject([
      { ...nobody, errorCode: 'TOKEN_EXPIRED', errorMessage: expect.stringContaining('"exp" claim') },
      { ...nobody, errorCode: 'TOKEN_INVALID', errorMessage: 'The token is not a JSON Web Token.' },
      { ...nobody, errorCode: 'TOKEN_MISSING', errorMessage: 'A bearer token is required.' },
    ]);
  });

  test('in a flood, from many addresses over several processes, is a handful of records, and the next says how many', async () => {
    const processes = [plane.controlPlane, createControlPlane(plane.settings, 'policies')];
    const flood = async (requests: number) => {
      const answers = Array.from({ length: requests }, (_, n) =>
        processes[n % 2]?.authenticate('junk', origin(`198.51.100.${n % 50}`)).catch((error: unknown) => error),
      );
      for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ name: 'Unauthenticated' });
    };
    await flood(400);
    const recorded = await inThisMinute();
    expect(recorded).toHaveLength(5);
    expect(new Set(recorded.map(({ sourceIpAddress }) => sourceIpAddress)).size).toBe(5);

    minuteMs += 60_000;
    vi.setSystemTime(minuteMs + 20_000);
    await flood(2);
    recorded.push(...(await inThisMinute()));
    expect(recorded).toHaveLength(7);
    const leftOut = recorded.map(({ errorMessage }) => Number(/(\d+) like it/.exec(errorMessage ?? '')?.[1] ?? 0));
    expect(leftOut.reduce((sum, count) => sum + count, recorded.length)).toBe(402);
  });

  test('as its person has sent too many is in the audit once a minute, with the person', async () => {
    const eager = await plane.issuer.token('eager', []);
    const answers = [];
    for (let n = 0; n < REQUESTS_PER_MINUTE + 3; n += 1) answers.push(await plane.query(eager, '{ __typename }'));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
    expect(await inThisMinute()).toMatchObject([
      { principal: 'eager', errorCode: 'RATE_LIMITED', errorMessage: 'More than 200 requests within a minute.' },
    ]);
  });
});
