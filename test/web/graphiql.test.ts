import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { CHROMIUM, leave, NEEDS_CHROMIUM, startBrowser, visit } from './support/browser.ts';

describe.skipIf(!CHROMIUM)(`GraphiQL${NEEDS_CHROMIUM}`, () => {
  let outport: OutportProcess;
  let browser: Browser;
  beforeAll(async () => {
    [outport, browser] = await Promise.all([startOutport(), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await outport.stop();
  });

  test('runs operations for whoever is signed in, with nothing from elsewhere', async () => {
    const page = await visit(browser, outport, { path: '/graphiql', token: outport.token });
    const elsewhere: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(new URL('/', outport.graphqlUrl).href)) elsewhere.push(request.url());
    });
    await page.reload();
    await page.getByText('tokenExpiresAt').waitFor();
    await page.getByRole('button', { name: /Execute query/ }).click();
    await page.locator('.result-window').getByText('"Developer"').waitFor();
    await page.getByRole('button', { name: /Show Documentation Explorer/ }).click();
    await page.getByText('A GraphQL schema provides a root type').waitFor();

    expect(elsewhere.filter((url) => !url.startsWith('data:'))).toEqual([]);
    expect(await leave(page)).toEqual([]);
  });

  test('says how to sign in', async () => {
    const page = await visit(browser, outport, { path: '/graphiql', token: null });

    await page.getByText('# Nobody is signed in.').waitFor();
    await leave(page);
  });
});

test('GraphiQL is there only with introspection', async () => {
  const outport = await startOutport({ params: { introspection: 'false' } });
  const [page, file] = await Promise.all(
    ['/graphiql', '/graphiql/index.html'].map((path) => fetch(new URL(path, outport.graphqlUrl))),
  );
  const html = await page?.text();
  await outport.stop();

  expect(html).toContain('<title>Outport</title>');
  expect(file?.status).toBe(404);
});
