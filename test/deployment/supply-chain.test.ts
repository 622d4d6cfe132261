import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}

const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync('package-lock.json', 'utf8'),
);
/** What `npm ci` puts into node_modules from elsewhere. */
const installed = Object.entries(lock.packages).filter(
  ([path, { link, inBundle }]) => /(^|\/)node_modules\//.test(path) && !link && !inBundle,
);

/** Of what runs: whoever uses Outport may use, change and pass on all of it, with notices. */
const LICENSES = new Set(['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']);

const partsOf = (license: string): string[] => license.replace(/[()]/g, '').split(' AND ');

test('what is installed is what was locked: by version and digest', () => {
  const loose = installed.filter(([, { version, integrity }]) => !version || !integrity?.startsWith('sha512-'));

  expect(installed.length).toBeGreaterThan(100);
  expect(loose.map(([path]) => path)).toEqual([]);
});

test('what runs is under licenses that ask for no more than notices', () => {
  const others = installed
    .filter(([, { dev }]) => !dev)
    .filter(([, { license = 'none' }]) => !partsOf(license).every((part) => LICENSES.has(part)));

  expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});

test('no package is asked to run a script when it is installed', () => {
  const { allowScripts } = JSON.parse(readFileSync('package.json', 'utf8'));

  expect(new Set(Object.values(allowScripts))).toEqual(new Set([false]));
});
