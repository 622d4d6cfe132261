import { exportSPKI, generateKeyPair, importJWK, type JWTPayload, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readIssuers } from '../../src/lambda/configured-issuers.ts';
import { CLOCK_SKEW_SECONDS_MAX, createAuthenticate } from '../../src/services/authenticate.ts';
import { ASK_AGAIN_MS, KEYS_FRESH_MS, KEYS_USABLE_MS } from '../../src/services/issuer-keys.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { startTestIssuer } from '../support/test-issuer.ts';

let plane: TestControlPlane;
let issuer: Awaited<ReturnType<typeof startTestIssuer>>;
let nowMs: number;

beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());
beforeEach(async () => {
  issuer = await startTestIssuer();
  nowMs = Date.now();
});
afterEach(() => issuer.close());

/** What a process that starts now takes for an answer about a token, at the test's time. */
function newProcess(...entries: object[]) {
  const configured = entries.length > 0 ? entries : [{ issuer: issuer.url, audience: 'outport' }];
  const authenticate = createAuthenticate(readIssuers(JSON.stringify(configured)), plane.outport.table);
  return (token: string | undefined) => authenticate(token, new Date(nowMs));
}

/** A token that is good for as long as these tests go. */
const lasting = (teams: readonly string[] = [], claims: JWTPayload = {}) =>
  issuer.token('ana', teams, { exp: Math.floor((nowMs + 3 * KEYS_USABLE_MS) / 1000), ...claims });

const unauthenticated = { name: 'Unauthenticated' };
const unavailable = { name: 'IssuerUnavailable' };

describe('a signature', () => {
  const publicKeyBytes = async (): Promise<Uint8Array[]> => {
    const key = await importJWK({ ...issuer.keys[0] }, 'ES256', { extractable: true });
    if (key instanceof Uint8Array) throw new Error('not a public key');
    return [Buffer.from(await exportSPKI(key)), Buffer.from(JSON.stringify(issuer.keys[0]))];
  };

  test('made with the public key as a shared secret is refused, in every form the key is published in', async () => {
    for (const secret of await publicKeyBytes()) {
      for (const alg of ['HS256', 'HS512']) {
        const forged = await issuer.token('ana', ['platform'], {}, secret, { alg });
        await expect(newProcess()(forged)).rejects.toMatchObject(unauthenticated);
      }
    }
  });

  test('that is missing is refused, however "none" is written', async () => {
    const unsigned = new UnsecuredJWT({ sub: 'ana' })
      .setIssuer(issuer.url)
      .setAudience('outport')
      .setExpirationTime('1h')
      .encode();
    for (const alg of ['none', 'None', 'nOnE', '']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      await expect(newProcess()(unsigned.replace(/^[^.]*/, header))).rejects.toMatchObject(unauthenticated);
    }
  });

  test('by another key under the issuer’s key id is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    await expect(newProcess()(await issuer.token('ana', [], {}, privateKey))).rejects.toMatchObject(unauthenticated);
  });

  test('by an algorithm that is not configured for the issuer is refused', async () => {
    const only = { issuer: issuer.url, audience: 'outport', algorithms: 'RS256' };
    await expect(newProcess(only)(await lasting())).rejects.toMatchObject(unauthenticated);
  });
});

describe('a key id', () => {
  test('may be missing where the issuer has one key, and not where it has several', async () => {
    const withoutKid = () => issuer.token('ana', [], {}, undefined, { kid: undefined });
    await expect(newProcess()(await withoutKid())).resolves.toMatchObject({ subject: 'ana' });
    await issuer.addKey('second');
    nowMs += KEYS_FRESH_MS;
    await expect(newProcess()(await withoutKid())).rejects.toMatchObject(unauthenticated);
    await expect(newProcess()(await lasting())).resolves.toMatchObject({ subject: 'ana' });
  });

  test('that nobody knows is refused, and the issuer is not asked again for each', async () => {
    const authenticate = newProcess();
    await authenticate(await lasting());
    for (let n = 0; n < 20; n += 1) {
      const forged = await issuer.token('ana', [], {}, undefined, { kid: `forged-${n}` });
      await expect(authenticate(forged)).rejects.toMatchObject(unauthenticated);
    }
    expect(issuer.requests.filter((path) => path === '/jwks')).toHaveLength(1);
  });

  test('that is new is found by asking the issuer, and the old one is refused from then on', async () => {
    const authenticate = newProcess();
    const before = await lasting();
    await authenticate(before);
    await issuer.rotate('next');
    nowMs += ASK_AGAIN_MS;
    await expect(authenticate(await lasting())).resolves.toMatchObject({ subject: 'ana' });
    await expect(authenticate(before)).rejects.toMatchObject(unauthenticated);
  });

  test('that the issuer has withdrawn is refused after ten minutes at the latest', async () => {
    const authenticate = newProcess();
    const withdrawn = await lasting();
    await authenticate(withdrawn);
    await issuer.rotate('next');
    nowMs += KEYS_FRESH_MS;
    await expect(authenticate(withdrawn)).rejects.toMatchObject(unauthenticated);
  });
});

describe('while the issuer cannot be reached', () => {
  test('its keys are used for a day, and then nobody is let in or called a forger', async () => {
    const authenticate = newProcess();
    const token = await lasting();
    await authenticate(token);
    issuer.setReachable(false);
    nowMs += KEYS_USABLE_MS - 1;
    await expect(authenticate(token)).resolves.toMatchObject({ subject: 'ana' });
    nowMs += 1;
    await expect(authenticate(token)).rejects.toMatchObject(unavailable);
    issuer.setReachable(true);
    nowMs += ASK_AGAIN_MS;
    await expect(authenticate(token)).resolves.toMatchObject({ subject: 'ana' });
  });

  test('a process that starts uses the keys that another has stored', async () => {
    await newProcess()(await lasting());
    issuer.setReachable(false);
    nowMs += KEYS_FRESH_MS;
    await expect(newProcess()(await lasting())).resolves.toMatchObject({ subject: 'ana' });
  });

  test('and its keys are not known, no token is called wrong, and it is asked every half minute at most', async () => {
    issuer.setReachable(false);
    const authenticate = newProcess();
    const token = await lasting();
    await Promise.all(Array.from({ length: 10 }, () => expect(authenticate(token)).rejects.toMatchObject(unavailable)));
    expect(issuer.requests).toHaveLength(1);
    issuer.setReachable(true);
    nowMs += ASK_AGAIN_MS;
    await expect(authenticate(token)).resolves.toMatchObject({ subject: 'ana' });
  });

  test('a key that may be new is not called forged', async () => {
    const authenticate = newProcess();
    await authenticate(await lasting());
    await issuer.rotate('next');
    issuer.setReachable(false);
    nowMs += ASK_AGAIN_MS;
    await expect(authenticate(await lasting())).rejects.toMatchObject(unavailable);
  });
});

describe('times and claims', () => {
  const seconds = (offset: number) => Math.floor(nowMs / 1000) + offset;

  test.each([
    ['ended within the skew', { exp: -CLOCK_SKEW_SECONDS_MAX + 1 }, true],
    ['ended before it', { exp: -CLOCK_SKEW_SECONDS_MAX - 1 }, false],
    ['begins within the skew', { nbf: CLOCK_SKEW_SECONDS_MAX - 1 }, true],
    ['begins after it', { nbf: CLOCK_SKEW_SECONDS_MAX + 2 }, false],
  ])('a token that %s', async (_what, offsets, accepted) => {
    nowMs = Math.floor(nowMs / 1000) * 1000;
    const claims = Object.fromEntries(Object.entries(offsets).map(([claim, offset]) => [claim, seconds(offset)]));
    const answer = newProcess()(await issuer.token('ana', [], claims));
    if (accepted) await expect(answer).resolves.toMatchObject({ subject: 'ana' });
    else await expect(answer).rejects.toMatchObject(unauthenticated);
  });

  test('a token that was let in is let in until it has expired, and not again', async () => {
    const authenticate = newProcess();
    const endSeconds = Math.floor(nowMs / 1000) + 60;
    const token = await issuer.token('ana', [], { exp: endSeconds });
    nowMs = (endSeconds + CLOCK_SKEW_SECONDS_MAX) * 1000 - 1;
    for (const _time of ['verified', 'remembered']) {
      await expect(authenticate(token)).resolves.toMatchObject({ subject: 'ana' });
    }
    nowMs += 1;
    await expect(authenticate(token)).rejects.toMatchObject({ ...unauthenticated, code: 'TOKEN_EXPIRED' });
  });

  test('a token for another audience, or of an issuer that only says it is this one, is refused', async () => {
    const authenticate = newProcess({ issuer: issuer.url, audience: ['outport', 'outport-cli'] });
    await expect(authenticate(await lasting([], { aud: 'outport-cli' }))).resolves.toMatchObject({ subject: 'ana' });
    await expect(authenticate(await lasting([], { aud: 'elsewhere' }))).rejects.toMatchObject(unauthenticated);
    await expect(authenticate(await lasting([], { iss: `${issuer.url}/` }))).rejects.toMatchObject(unauthenticated);
    const other = await startTestIssuer();
    await expect(authenticate(await other.token('ana', [], { iss: issuer.url }))).rejects.toMatchObject(
      unauthenticated,
    );
    await other.close();
  });

  test('the person and the teams are read from the claims that are configured', async () => {
    const authenticate = newProcess({
      issuer: issuer.url,
      audience: 'outport',
      subjectClaim: 'oid',
      nameClaim: 'preferred_username',
      teamsClaim: 'cognito:groups',
    });
    const claims = { oid: '42', preferred_username: 'Ana', 'cognito:groups': ['data', 7, ''] };
    await expect(authenticate(await lasting([], claims))).resolves.toMatchObject({
      issuer: issuer.url,
      subject: '42',
      name: 'Ana',
      teams: ['data'],
    });
    await expect(authenticate(await lasting([], { ...claims, oid: 7 }))).rejects.toMatchObject(unauthenticated);
  });

  test('no issuer can name a team of another', async () => {
    const partner = await startTestIssuer();
    const authenticate = newProcess(
      { issuer: issuer.url, audience: 'outport' },
      { issuer: partner.url, audience: 'outport', teamPrefix: 'partner:' },
    );
    const ours = await lasting(['platform', 'partner:data']);
    const theirs = await partner.token('eve', ['platform', 'data']);
    await expect(authenticate(ours)).resolves.toMatchObject({ teams: ['platform'] });
    await expect(authenticate(theirs)).resolves.toMatchObject({ teams: ['partner:platform', 'partner:data'] });
    // Both have a key that is called "test", as issuers may; theirs opens nothing of ours.
    const asOurs = await partner.token('eve', ['platform'], { iss: issuer.url });
    await expect(authenticate(asOurs)).rejects.toMatchObject(unauthenticated);
    await partner.close();
  });
});

test.each([
  ['no list', '{}', 'OUTPORT_ISSUERS must be a JSON list'],
  ['no address', '[{"issuer":"id.example","audience":"a"}]', 'OUTPORT_ISSUERS[0].issuer must be an https address'],
  ['keys over plain HTTP', '[{"issuer":"http://id.example","audience":"a"}]', 'must be an https address'],
  ['no audience', '[{"issuer":"https://id.example"}]', 'OUTPORT_ISSUERS[0].audience must be a text or a list of texts'],
  [
    'a typo',
    '[{"issuer":"https://id.example","audience":"a","teamClaim":"t"}]',
    'OUTPORT_ISSUERS[0].teamClaim is no field',
  ],
  [
    'a shared secret',
    '[{"issuer":"https://id.example","audience":"a","algorithms":["HS256"]}]',
    'algorithms must be of',
  ],
  [
    'teams that could be confused',
    '[{"issuer":"https://a.example","audience":"a"},{"issuer":"https://b.example","audience":"a"}]',
    'every entry must have another teamPrefix',
  ],
])('issuers with %s fail the start', (_what, text, message) => {
  expect(() => readIssuers(text)).toThrow(message);
});
