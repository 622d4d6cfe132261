import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countHashedAlone, md5OfFiles } from '../../src/engine/md5-of-files.ts';
import { temporaryFolder } from './support/in-process.ts';

const READ_BYTES = 64 * 1024;
/** Where padding begins a block of its own, and where a read ends. */
const LENGTHS = [0, 1, 55, 56, 63, 64, 65, READ_BYTES - 9, READ_BYTES - 8, READ_BYTES, READ_BYTES + 1];

test('are those that OpenSSL finds, of any number of files of any length', () => {
  const folder = temporaryFolder();
  const length = fc.oneof(fc.constantFrom(...LENGTHS), fc.integer({ min: 0, max: 3 * READ_BYTES }));
  fc.assert(
    fc.property(fc.array(length, { maxLength: 20 }), fc.integer(), (lengths, seed) => {
      const contents = lengths.map((size, index) => Buffer.alloc(size, `${seed} ${index}`));
      const files = contents.map((content, index) => {
        const file = path.join(folder, `${index}`);
        writeFileSync(file, content);
        return { path: file, sizeBytes: content.length };
      });

      const digests = md5OfFiles(files);

      expect(digests).toEqual(contents.map((content) => createHash('md5').update(content).digest('hex')));
    }),
    { numRuns: 50, examples: [[LENGTHS, 0]] },
  );
});

test('a file that is missing fails the call, and nothing stays behind for the next', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'there');
  writeFileSync(file, 'content');

  const files = [file, path.join(folder, 'missing'), file].map((each) => ({ path: each, sizeBytes: 7 }));
  expect(() => md5OfFiles(files)).toThrow('ENOENT');

  const digest = createHash('md5').update('content').digest('hex');
  expect(md5OfFiles([{ path: file, sizeBytes: 7 }])).toEqual([digest]);
});

test('a file gets a lane unless that leaves most lanes empty', () => {
  expect(countHashedAlone([])).toBe(0);
  expect(countHashedAlone([5])).toBe(1);
  expect(countHashedAlone([5, 5])).toBe(2);
  expect(countHashedAlone([5, 5, 5])).toBe(0);
  expect(countHashedAlone([100, 5, 5, 5, 5])).toBe(1);
  expect(countHashedAlone([8, 8, 8, 8, 8, 8, 8, 8, 1])).toBe(0);
});
