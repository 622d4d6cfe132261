import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

/** A folder for one test file, which goes away when the file is done. */
export function temporaryDirectory(): { readonly path: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'outport-test-'));
  afterAll(() => rm(directory, { recursive: true, force: true }));
  return { path: directory };
}
