/**
 * Takes the pictures of the console that the documentation shows, of a shop that has exported its tables for three weeks.
 *
 *   npm run screenshots
 *
 * They are small where there is a pngquant, and look as intended where there is the font Inter.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { hasCommand } from '../deployment/support/has-command.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { CHROMIUM, leave, PHONE, startBrowser, type Visit, visit } from './support/browser.ts';
import { exportedOrders } from './support/export.ts';
import { liveDaysAgo } from './support/shifted-clock.ts';
import { BUCKET, CUSTOMERS, ORDERS, openShop, takeOrders } from './support/shop.ts';

// The SDK warns of Node 20 at every start, which is not what this is about.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const PICTURES = 'docs/images';
const DAY_MS = 86_400_000;

if (!CHROMIUM) throw new Error('There is no Chromium here: install it, or name it in CHROMIUM.');
const directory = await mkdtemp(path.join(tmpdir(), 'outport-pictures-'));
await mkdir(PICTURES, { recursive: true });
try {
  await inTheLife(20, (outport) => openShop(outport.awsEndpoint, 4_000));
  await inTheLife(12, async (outport) => {
    const ana = await tokenOf(outport, 'Ana');
    await exportedOrders(outport, ana);
    await exportedOrders(outport, ana, { tableArn: CUSTOMERS });
  });
  await inTheLife(3, async (outport) => {
    await takeOrders(outport.awsEndpoint, 4_000, 4_600);
    await exportedOrders(outport, await tokenOf(outport, 'Ben'));
  });
  await inTheLife(1, async (outport) => {
    await takeOrders(outport.awsEndpoint, 4_600, 4_900);
    await exportedOrders(outport, await tokenOf(outport, 'Ana'), {
      exportType: 'INCREMENTAL_EXPORT',
      incrementalExport: { exportFromTime: daysAgo(3.5), exportToTime: daysAgo(2.6) },
    });
  });
  await inTheLife(0, takePictures);
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function inTheLife(days: number, act: (outport: OutportProcess) => Promise<void>): Promise<void> {
  liveDaysAgo(days);
  const outport = await startOutport({ directory });
  try {
    await act(outport);
  } finally {
    await outport.stop();
  }
}

/** A whole second, as the API takes it. */
function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString().replace(/\.\d+Z$/, 'Z');
}

function tokenOf(outport: OutportProcess, name: string): Promise<string> {
  return outport.mint({ subject: name.toLowerCase(), name, teams: ['platform'] });
}

async function takePictures(outport: OutportProcess): Promise<void> {
  const token = await tokenOf(outport, 'Ana');
  const id = await exportedOrders(outport, token);
  const browser = await startBrowser();
  const picture = async (
    name: string,
    to: Omit<Visit, 'token'>,
    has: string,
    open?: (page: Page) => Promise<unknown>,
  ) => {
    const page = await visit(browser, outport, { ...to, token });
    await page.getByText(has).first().waitFor();
    await open?.(page);
    await page.waitForLoadState('networkidle');
    const file = `${PICTURES}/${name}.png`;
    await page.screenshot({ path: file, animations: 'disabled' });
    if (hasCommand('pngquant')) execFileSync('pngquant', ['--force', '--skip-if-larger', '--ext', '.png', file]);
    const problems = await leave(page);
    if (problems.length > 0) throw new Error(`${name}: ${problems.join('\n')}`);
  };
  try {
    const form = new URLSearchParams({ table: ORDERS, bucket: BUCKET, prefix: 'shop', time: daysAgo(6) });
    await picture('tables', { path: '/tables' }, 'customerId + orderedAt');
    await picture('new-export', { path: `/exports/new?${form}` }, 'Files');
    await picture('export', { path: `/exports/${id}` }, 'MD5');
    await picture('look-inside', { path: `/exports/${id}?show=inside`, colorScheme: 'dark' }, 'Attributes of', (page) =>
      page.getByRole('tablist').evaluate((tabs) => tabs.scrollIntoView()),
    );
    await picture('audit', { path: '/audit' }, 'platform-may-do-everything');
    await picture('phone', { path: '/exports', viewport: PHONE }, 'items');
  } finally {
    await browser.close();
  }
}
