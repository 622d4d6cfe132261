import { readFileSync } from 'node:fs';

/** The version of Outport, from its package.json: two folders up, from the source and from the bundle alike. */
export function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return version;
}
