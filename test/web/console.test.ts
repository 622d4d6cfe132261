import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import {
  BROWSER_TEST_MS,
  CHROMIUM,
  leave,
  NEEDS_CHROMIUM,
  PHONE,
  startBrowser,
  type Visit,
  visit,
} from './support/browser.ts';
import { cancelExport, exportedOrders, exportOrders } from './support/export.ts';
import { BUCKET, CUSTOMERS, ORDERS, openShop } from './support/shop.ts';

let outport: OutportProcess;
let browser: Browser;

/** Exports of this team wait in the queue for good. */
const HELD_BACK = 'held-back';

const visitAs = (token: string, path: string, more: Partial<Visit> = {}): Promise<Page> =>
  visit(browser, outport, { path, token, ...more });

const newExportOf = (tableArn: string) => `/exports/new?table=${encodeURIComponent(tableArn)}&bucket=${BUCKET}`;

describe.skipIf(!CHROMIUM)(`the console in a browser${NEEDS_CHROMIUM}`, { timeout: BROWSER_TEST_MS }, () => {
  beforeAll(async () => {
    const quotas = JSON.stringify([{ team: HELD_BACK, maxExports: 0 }]);
    [outport, browser] = await Promise.all([startOutport({ params: { quotas } }), startBrowser()]);
    await openShop(outport.awsEndpoint);
  });
  afterAll(async () => {
    await browser.close();
    await outport.stop();
  });

  const waiting = () => outport.mint({ subject: 'wilma', name: 'Wilma', teams: [HELD_BACK, 'platform'] });

  test('starts an export, watches it finish, looks at what came of it and finds its audit trail', async () => {
    const page = await visitAs(outport.token, '/');
    await page.getByRole('link', { name: 'Export orders' }).click();
    await page.getByRole('combobox', { name: 'Bucket' }).fill(BUCKET);
    const start = page.getByRole('button', { name: 'Start the export' });
    await page.getByText('Permission.').waitFor();
    // A second click is the same request.
    await start.dblclick();

    await page.getByRole('heading', { name: 'Export of orders' }).waitFor();
    await page.getByRole('main').getByText('Completed', { exact: true }).first().waitFor();
    await page.getByText('4 files compared with their manifests.').waitFor();
    const link = page.getByRole('link', { name: /^Download .*\.json\.gz$/ }).first();
    const file = await fetch((await link.getAttribute('href')) ?? '');
    expect(file.status).toBe(200);

    await page.getByRole('tab', { name: 'Look inside' }).click();
    await page.getByRole('region', { name: 'First items' }).getByText('c-0022').first().waitFor();
    await page.getByRole('tab', { name: 'Use it with…' }).click();
    await page.getByText('CREATE EXTERNAL TABLE').waitFor();

    await page.getByRole('link', { name: 'Its audit trail' }).click();
    await page.getByRole('row', { name: /ExportTable.*Completed/ }).waitFor();
    await page
      .getByRole('row', { name: /ExportTable.*Requested.*Allow/ })
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Exports' }).click();
    await page.getByRole('columnheader', { name: 'Asked for by' }).waitFor();
    expect(await page.getByRole('cell', { name: /orders/ }).count()).toBe(1);
    expect(await leave(page)).toEqual([]);
  });

  test('says what stands against an export, and does not let it be started', async () => {
    const page = await visitAs(outport.token, newExportOf(CUSTOMERS));
    const start = page.getByRole('button', { name: 'Start the export' });
    await page.getByText('The bucket "lake" exists').waitFor();
    expect(await start.isEnabled()).toBe(true);

    await page.getByRole('combobox', { name: 'Bucket' }).fill('nowhere-to-be-found');
    await page.getByRole('img', { name: 'Failed' }).first().waitFor();
    expect(await start.isDisabled()).toBe(true);
    expect(new URL(page.url()).searchParams.get('bucket')).toBe('nowhere-to-be-found');

    await page.getByText('What changed in a window').click();
    await page.getByText(/A window takes at least 15 minutes/).waitFor();
    expect(await leave(page)).toEqual([]);
  });

  test('takes the moment from a time line, by keyboard', async () => {
    const page = await visitAs(outport.token, newExportOf(ORDERS));
    const slider = page.getByRole('slider', { name: 'Moment' });
    const secondsBefore = async () => {
      await page.goto(new URL(newExportOf(ORDERS), outport.graphqlUrl).href);
      await page.getByText('As it was', { exact: true }).click();
      const [earliest, moment] = ['aria-valuemin', 'aria-valuenow'].map((name) => slider.getAttribute(name));
      return (Number(await moment) - Number(await earliest)) / 1000;
    };
    // The table may have been made a moment ago: then there is no earlier second yet.
    await expect.poll(secondsBefore, { timeout: 30_000 }).toBeGreaterThanOrEqual(1);
    const timeOf = () => new URL(page.url()).searchParams.get('time');
    await page.waitForURL(() => timeOf() !== null);
    const before = timeOf() ?? '';
    await slider.press('ArrowLeft');
    await page.waitForURL(() => timeOf() !== before);
    expect(Date.parse(timeOf() ?? '')).toBe(Date.parse(before) - 1000);

    await page.getByText(`${timeOf()} lies within it.`).waitFor();
    expect(await leave(page)).toEqual([]);
  });

  test('takes the moment as it is typed, in the time zone of the reader', async () => {
    const path = `${newExportOf(ORDERS)}&time=2026-11-17T08:15:42Z`;
    const page = await visitAs(outport.token, path, { timezoneId: 'Europe/Vienna' });
    const moment = page.getByLabel('Moment (Europe/Vienna)');
    await moment.waitFor();
    expect(await moment.inputValue()).toBe('2026-11-17T09:15:42');

    // Of a year that is half typed the clocks of Vienna went 5 minutes and 21 seconds differently.
    await moment.focus();
    for (const key of ['Tab', 'Tab', ...'2025']) await page.keyboard.press(key);
    await page.getByText('In UTC: 2025-11-17T08:15:42Z').waitFor();
    expect(new URL(page.url()).searchParams.get('time')).toBe('2025-11-17T08:15:42Z');
    expect(await leave(page)).toEqual([]);
  });

  test('begins a page at its top, and goes back to where the reader was', async () => {
    const page = await visitAs(outport.token, '/limits', { viewport: { width: 1280, height: 420 } });
    const gauge = page.getByRole('meter', { name: 'Exports in flight' });
    await gauge.waitFor();
    const scrolled = () => page.evaluate<number>('scrollY');
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    const before = await scrolled();
    expect(before).toBeGreaterThan(0);

    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByText('CloudTrail has').waitFor();
    expect(await scrolled()).toBe(0);
    expect(await page.evaluate('document.activeElement.id')).toBe('page');
    await page.goBack();
    await gauge.waitFor();
    await expect.poll(scrolled).toBe(before);
    expect(await leave(page)).toEqual([]);
  });

  test('keeps a link with a token out of the address, and asks for another when it is refused', async () => {
    const page = await visitAs(outport.token, '/limits');
    await page.getByRole('meter', { name: 'Exports in flight' }).waitFor();
    expect(page.url()).toBe(new URL('/limits', outport.graphqlUrl).href);
    await page.reload();
    await page.getByRole('meter', { name: 'Exports in flight' }).waitFor();
    await page.getByRole('button', { name: 'Developer' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();

    await page
      .getByLabel('Token')
      .first()
      .fill(await outport.mint({ subject: 'late', expiresInSeconds: -60 }));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Your token has expired').waitFor();
    await page.getByLabel('Token').first().fill(`Bearer ${outport.token}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Limits' }).waitFor();
    expect(await leave(page)).toEqual([]);
  });

  test('shows somebody without permission nothing, and says so', async () => {
    const id = await exportedOrders(outport, outport.token);
    const mallory = await outport.mint({ subject: 'mallory', name: 'Mallory', teams: [] });
    const page = await visitAs(mallory, `/exports/${id}`);
    await page.getByText('No such export, or none that you may see').waitFor();

    await page.getByRole('link', { name: 'Exports' }).click();
    await page.getByText('No exports yet').waitFor();
    await page.getByRole('link', { name: 'Tables' }).click();
    await page.getByText(/^No (account that you may see|tables to see)$/).waitFor();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByText('No events that you may read').waitFor();
    expect(await leave(page)).toEqual([]);

    const form = await visitAs(mallory, newExportOf(ORDERS));
    await form
      .getByText(/ExportTable is not permitted on/)
      .first()
      .waitFor();
    expect(await form.getByRole('button', { name: 'Start the export' }).isDisabled()).toBe(true);
    expect(await leave(form)).toEqual([]);
  });

  test('fits a phone', async () => {
    const id = await exportedOrders(outport, outport.token);
    const page = await visitAs(outport.token, '/tables', { viewport: PHONE });
    await page.getByRole('link', { name: 'Export orders' }).waitFor();
    expect(await isWiderThanScreen(page)).toBe(false);

    for (const [name, text] of [
      ['Exports', 'Newest first'],
      ['Audit', 'Recorded by'],
      ['Limits', 'Exports in flight'],
      ['New export', 'Before it starts'],
    ] as const) {
      await page.getByRole('button', { name: 'Menu' }).click();
      await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name }).click();
      await page.getByText(text).first().waitFor();
      expect(await isWiderThanScreen(page)).toBe(false);
    }
    expect(await leave(page)).toEqual([]);
    const shown = await visitAs(outport.token, `/exports/${id}?show=use`, { viewport: PHONE });
    await shown.getByText('CREATE EXTERNAL TABLE').waitFor();
    expect(await isWiderThanScreen(shown)).toBe(false);
    expect(await leave(shown)).toEqual([]);
    for (const filledIn of ['time=2026-11-17T08:15:42Z', 'type=incremental&from=2026-11-17T08:15:42Z']) {
      const form = await visitAs(outport.token, `${newExportOf(ORDERS)}&${filledIn}`, { viewport: PHONE });
      await form.getByText('The bucket "lake" exists').waitFor();
      expect(await isWiderThanScreen(form)).toBe(false);
      expect(await leave(form)).toEqual([]);
    }
  });

  test('lets an export that waits be canceled, and shows the lists to others as it goes on', async () => {
    const token = await waiting();
    const list = await visitAs(outport.token, '/exports?status=QUEUED');
    await list.getByText('No export fits').waitFor();
    const id = await exportOrders(outport, token);
    await list.getByRole('cell', { name: /Wilma/ }).waitFor();
    expect(await leave(list)).toEqual([]);

    const page = await visitAs(token, `/exports/${id}`);
    await page.getByRole('heading', { name: 'Waiting for its turn' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Canceled').first().waitFor();
    expect(await leave(page)).toEqual([]);
  });

  test('keeps a table exported, until that is paused', async () => {
    const page = await visitAs(outport.token, '/schedules');
    await page.getByText('No schedules').waitFor();
    await page.getByRole('link', { name: 'New schedule' }).first().click();
    await page.getByRole('combobox', { name: 'Table' }).fill('cust');
    await page.getByRole('option', { name: /customers/ }).click();
    await page.getByRole('combobox', { name: 'Bucket' }).fill(BUCKET);
    await page.getByText('Permission.').waitFor();
    await page.getByRole('button', { name: 'Create the schedule' }).click();

    await page.getByRole('heading', { name: 'Schedule of customers' }).waitFor();
    await page.getByRole('listitem').getByText('All of the table').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Active').waitFor();
    expect(await leave(page)).toEqual([]);
  });

  test('says that the connection is lost, and goes on by itself when it is back', async () => {
    const token = await waiting();
    const id = await exportOrders(outport, token);
    const page = await visitAs(token, `/exports/${id}`);
    await page.getByRole('heading', { name: 'Waiting for its turn' }).waitFor();

    await outport.kill('SIGTERM');
    await page.getByText('Connection lost').waitFor();
    await outport.restart();
    await page.getByText('Connected again').waitFor();

    await cancelExport(outport, token, id);
    await page.getByText('Canceled').first().waitFor();
    await page.context().close();
  });
});

const isWiderThanScreen = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth');
