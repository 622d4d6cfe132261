import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutportProcess, startOutport } from '../support/outport.ts';

let outport: OutportProcess;
let origin: string;

beforeAll(async () => {
  outport = await startOutport();
  origin = new URL(outport.graphqlUrl).origin;
});
afterAll(() => outport.stop());

/** As it comes over the wire: `fetch` asks for compression by itself, and undoes it. */
function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  return new Promise<{ status?: number; headers: Readonly<Record<string, unknown>>; body: string }>(
    (resolve, reject) => {
      const call = request(`${origin}${path}`, { headers }, async (reply) => {
        let body = '';
        for await (const chunk of reply.setEncoding('latin1')) body += chunk;
        resolve({ status: reply.statusCode, headers: reply.headers, body });
      });
      call.once('error', reject).end();
    },
  );
}

const page = () => get('/');
const scriptOf = (html: string): string => /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';

describe('the console', () => {
  test('is a page at the address of the API, whatever the path', async () => {
    const replies = [await page(), await get('/exports/exp_1'), await get('/audit?first=10')];

    for (const { status, headers, body } of replies) {
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
      expect(body).toContain('<div id="root">');
    }
  });

  test('loads nothing from elsewhere, and lets nothing else be loaded', async () => {
    const { headers, body } = await page();
    const policy = String(headers['content-security-policy']).split('; ');

    expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain(`connect-src 'self' ${new URL(outport.websocketUrl).origin}`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' });
  });

  test('has files that browsers may keep for good, compressed for those who take it', async () => {
    const script = scriptOf((await page()).body);
    const plain = await get(script);
    const gzipped = await get(script, { 'accept-encoding': 'gzip, deflate' });

    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(gzipped.headers).toMatchObject({ 'content-encoding': 'gzip', etag: plain.headers.etag });
    expect(gzipped.body.length).toBeLessThan(plain.body.length / 2);
  });

  test('is sent once for as long as it does not change', async () => {
    const etag = String((await page()).headers.etag);

    expect(await get('/', { 'if-none-match': etag })).toMatchObject({ status: 304, body: '' });
    expect(await get('/', { 'if-none-match': '"another"' })).toMatchObject({ status: 200 });
  });

  test('has no page in place of a file that is gone', async () => {
    expect(await get('/assets/index-of-last-week.js')).toMatchObject({
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    expect((await get('/../package.json')).status).toBe(404);
  });

  test('knows where to subscribe', async () => {
    expect(JSON.parse((await get('/config.json')).body)).toEqual({ websocketUrl: outport.websocketUrl });
  });

  test('leaves the API and the issuer where they are', async () => {
    expect((await get('/health')).headers['content-type']).toContain('application/json');
    expect(JSON.parse((await get('/issuer/.well-known/openid-configuration')).body)).toHaveProperty('jwks_uri');
  });
});
