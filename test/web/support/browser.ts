import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { OutportProcess } from '../../support/outport.ts';

/** Where systems put it; `CHROMIUM` names another place. */
const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser to test with; undefined where there is none. */
export const CHROMIUM = PLACES.find((place) => place !== undefined && existsSync(place));

/** Part of the name of tests that need it. */
export const NEEDS_CHROMIUM = CHROMIUM ? '' : ' (skipped: no Chromium here; install it, or name it in CHROMIUM)';

/** Two cores that other tests are busy on take their time over a browser. */
export const BROWSER_TEST_MS = 180_000;
const SHOWN_WITHIN_MS = 60_000;

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

export interface Visit {
  readonly path: string;
  /** Null: nobody is signed in. */
  readonly token: string | null;
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  /** As browsers name it, such as `Europe/Vienna`. */
  readonly timezoneId?: string;
}

export const PHONE = { width: 390, height: 844 };

/** What went wrong on a page that no visitor sees. */
const problems = new WeakMap<Page, string[]>();

/** A browser of its own, by the link that `npm start` prints. */
export async function visit(browser: Browser, outport: OutportProcess, to: Visit): Promise<Page> {
  const { path, token, colorScheme = 'light', viewport = { width: 1280, height: 860 }, timezoneId } = to;
  const context = await browser.newContext({ colorScheme, viewport, timezoneId, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(SHOWN_WITHIN_MS);
  const found: string[] = [];
  problems.set(page, found);
  page.on('pageerror', (error) => found.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Warning:/.test(message.text())) found.push(message.text());
  });
  const url = new URL(path, outport.graphqlUrl);
  if (token) url.hash = `token=${token}`;
  await page.goto(url.href);
  return page;
}

/** Ends a visit, and tells what went wrong meanwhile. */
export async function leave(page: Page): Promise<readonly string[]> {
  await page.context().close();
  return problems.get(page) ?? [];
}
