import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { BROWSER_TEST_MS, CHROMIUM, leave, NEEDS_CHROMIUM, startBrowser, visit } from './support/browser.ts';
import { exportedOrders, scheduleOrders } from './support/export.ts';
import { BUCKET, ORDERS, openShop } from './support/shop.ts';

let outport: OutportProcess;
let browser: Browser;
let exportId: string;
let scheduleId: string;

interface Shown {
  readonly name: string;
  readonly path: () => string;
  /** On it once everything is there. */
  readonly has: string;
  readonly signedOut?: true;
  /** To somebody whom no policy permits anything. */
  readonly notPermitted?: true;
  readonly open?: (page: Page) => Promise<unknown>;
}

const form = () => `/exports/new?table=${encodeURIComponent(ORDERS)}&bucket=${BUCKET}&time=2026-01-01T00:00:00Z`;

const PAGES: readonly Shown[] = [
  { name: 'sign-in', path: () => '/', has: 'Sign in to Outport', signedOut: true },
  { name: 'tables', path: () => '/tables', has: 'customerId + orderedAt' },
  { name: 'exports', path: () => '/exports', has: '200 items' },
  { name: 'no exports', path: () => '/exports?status=FAILED', has: 'No export fits' },
  {
    name: 'new export',
    path: form,
    has: 'Export Time is invalid',
    open: async (page) => {
      await page.getByRole('button', { name: 'Only some items or attributes' }).click();
      await page.getByText('Key condition expression').waitFor();
    },
  },
  { name: 'export', path: () => `/exports/${exportId}`, has: 'MD5' },
  { name: 'export, inside', path: () => `/exports/${exportId}?show=inside`, has: 'Attributes of the first' },
  { name: 'export, use', path: () => `/exports/${exportId}?show=use`, has: 'CREATE EXTERNAL TABLE' },
  { name: 'no such export', path: () => '/exports/exp_none', has: 'No such export' },
  {
    name: 'audit',
    path: () => '/audit',
    has: 'ExportTable',
    open: async (page) => {
      await page
        .getByRole('button', { name: /^Details of ExportTable/ })
        .first()
        .click();
      await page.getByText('Principal').waitFor();
    },
  },
  { name: 'schedules', path: () => '/schedules', has: 'Changes every hour' },
  { name: 'schedule', path: () => `/schedules/${scheduleId}`, has: 'All of the table' },
  {
    name: 'new schedule',
    path: () => `/schedules/new?table=${encodeURIComponent(ORDERS)}&bucket=${BUCKET}`,
    has: 'Every field is valid by itself.',
  },
  { name: 'limits', path: () => '/limits', has: 'Not limited' },
  { name: 'nothing that is permitted', path: () => '/tables', has: 'No account that you may see', notPermitted: true },
  { name: 'no such page', path: () => '/nowhere', has: 'This address leads nowhere' },
];

describe.skipIf(!CHROMIUM)(`the console for everybody${NEEDS_CHROMIUM}`, { timeout: BROWSER_TEST_MS }, () => {
  beforeAll(async () => {
    [outport, browser] = await Promise.all([startOutport(), startBrowser()]);
    await openShop(outport.awsEndpoint);
    exportId = await exportedOrders(outport, outport.token);
    scheduleId = await scheduleOrders(outport, outport.token);
  });
  afterAll(async () => {
    await browser.close();
    await outport.stop();
  });

  test.each(PAGES)('$name, in light and in dark colours', async ({ path, has, signedOut, notPermitted, open }) => {
    const signedIn = notPermitted ? await outport.mint({ subject: 'mallory', teams: [] }) : outport.token;
    const page = await visit(browser, outport, { path: path(), token: signedOut ? null : signedIn });
    await page.getByText(has).first().waitFor();
    await open?.(page);

    expect(await barriersOn(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await page.title()).toMatch(/Outport$/);
    expect(await leave(page)).toEqual([]);
  });

  test('leads the keyboard past the navigation', async () => {
    const page = await visit(browser, outport, { path: '/tables', token: outport.token });
    await page.getByText('customerId + orderedAt').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');

    expect(await page.evaluate<boolean>('document.activeElement.closest("main") !== null')).toBe(true);
    expect(await leave(page)).toEqual([]);
  });
});

/** What axe finds that keeps somebody from using the page, or makes it hard. */
async function barriersOn(page: Page) {
  // Half way from one color to another contrasts are not those that anybody reads with.
  await page.evaluate(`Promise.allSettled(
    document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime < Infinity).map(({ finished }) => finished)
  )`);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical' || impact === 'moderate')
    .map(({ id, help, nodes }) => ({ id, help, at: nodes.map(({ html }) => html.slice(0, 160)) }));
}
