import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  appendBlock,
  appendGroup,
  appendItem,
  decodeBlocks,
  decodeGroups,
  endOfItem,
  extentOf,
  lineBytesAt,
  positionAt,
} from '../../src/engine/block.ts';
import { ByteBuffer } from '../../src/engine/byte-buffer.ts';
import { ChangeSorter } from '../../src/engine/change-sorter.ts';
import { combineCrc } from '../../src/engine/crc-combine.ts';
import { dataFileName } from '../../src/engine/data-file-name.ts';
import { encodeFrame, scanFrames } from '../../src/engine/frames.ts';
import { appendRecord, type LogRecord, recordAt } from '../../src/engine/log-record.ts';
import { temporaryFolder } from './support/in-process.ts';

const bytesArbitrary = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

test('a combined CRC is the CRC of what was joined', () => {
  fc.assert(
    fc.property(fc.array(bytesArbitrary), (parts) => {
      const combined = parts.reduce((crc, part) => combineCrc(crc, crc32(part), part.length), 0);
      expect(combined).toBe(crc32(Buffer.concat(parts)));
    }),
  );
  const zeros = Buffer.alloc(5_000_000);
  expect(combineCrc(crc32('a'), crc32(zeros), zeros.length)).toBe(crc32(zeros, crc32('a')));
});

test('a data file name is 16 bytes of a version 3 UUID in base32', () => {
  // The name of these bytes, from Python: base64.b32encode(...).lower().
  const bytes = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  expect(dataFileName('DYNAMODB_JSON', bytes)).toBe('aaisem2eku3hpcezvk54zxpo74.json.gz');
  expect(dataFileName('ION', Buffer.alloc(16, 0xff))).toBe('7777777774777p777777777774.ion.gz');
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (random) => {
      expect(dataFileName('DYNAMODB_JSON', random)).toMatch(/^[a-z2-7]{26}\.json\.gz$/);
    }),
  );
});

test('a cut in a log takes the frames it touches, a flip in one that others follow takes none', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 2, maxLength: 8 }),
      fc.nat(),
      (payloads, seed) => {
        const frames = payloads.map((payload) => encodeFrame(Buffer.from(payload)));
        const log = Buffer.concat(frames);
        const ends = frames.map((_, index) => Buffer.concat(frames.slice(0, index + 1)).length);

        const cut = seed % log.length;
        const whole = ends.filter((end) => end <= cut).length;
        expect(scanFrames(log.subarray(0, cut))).toEqual({
          byteCount: [0, ...ends][whole],
          lastPayload: [undefined, ...payloads.map((payload) => Buffer.from(payload))][whole],
        });

        const flipped = Buffer.from(log);
        const offset = seed % (ends.at(-2) ?? 1);
        flipped.writeUInt8(flipped.readUInt8(offset) ^ 0x10, offset);
        expect(scanFrames(flipped)).toEqual({ byteCount: log.length, lastPayload: Buffer.from(payloads.at(-1) ?? []) });
      },
    ),
  );
});

test('changes are sorted and only the newest of an item is kept, however many runs are spilled', () => {
  const changesArbitrary = fc.array(
    fc.record({
      // Few hashes, so that many items share one or its first digits.
      partitionHash: fc.nat(0x1ff).map((n) => `${n % 4}`.repeat(4) + n.toString(16).padStart(12, '0')),
      key: fc.nat(3).map((n) => `key${n}`),
      newImage: fc.option(fc.string({ unit: 'grapheme-ascii', maxLength: 30 })),
    }),
    { maxLength: 1_000, size: 'max' },
  );
  const folder = temporaryFolder();
  fc.assert(
    fc.property(changesArbitrary, fc.integer({ min: 1, max: 5_000 }), (changes, memoryBytes) => {
      const sorter = new ChangeSorter({ scratchDirectory: folder, memoryBytes });
      const newest = new Map<string, LogRecord>();
      for (const [sequence, change] of changes.entries()) {
        const encoded = new ByteBuffer(1);
        appendRecord(encoded, { ...change, sequence, timeMicros: sequence });
        sorter.add(encoded.bytes, 0);
        const record = recordAt(encoded.bytes, 0);
        newest.set(record.position, record);
      }

      const expected = [...newest.keys()].sort().map((position) => newest.get(position));
      expect([...sorter.sorted()]).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

const positionArbitrary = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 40 });
const u32 = fc.nat(0xffffffff);

test('blocks and groups of them read as they were written', () => {
  const extent = {
    storedBytes: u32,
    rawBytes: u32,
    rawCrc: u32,
    itemCount: u32,
    first: positionArbitrary,
    last: positionArbitrary,
  };
  const blocksArbitrary = fc.array(fc.record({ ...extent, items: bytesArbitrary }));
  const groupsArbitrary = fc.array(fc.record({ ...extent, storedCrc: u32, frameBytes: u32 }));
  fc.assert(
    fc.property(blocksArbitrary, groupsArbitrary, (blocks, groups) => {
      const written = new ByteBuffer(1);
      for (const block of blocks) appendBlock(written, block);
      const read = decodeBlocks(written.bytes);
      expect(read.map((block) => ({ ...extentOf([block]), items: block.items }))).toEqual(blocks);

      written.clear();
      for (const group of groups) appendGroup(written, group);
      expect(decodeGroups(written.bytes)).toEqual(groups);
    }),
  );
});

test('the items of a block read as they were written', () => {
  const itemsArbitrary = fc.array(fc.record({ position: positionArbitrary, lineBytes: u32 }));
  fc.assert(
    fc.property(itemsArbitrary, (items) => {
      const written = new ByteBuffer(1);
      for (const { position, lineBytes } of items) appendItem(written, position, lineBytes);
      const read = [];
      for (let at = 0; at < written.length; at = endOfItem(written.bytes, at)) {
        read.push({ position: positionAt(written.bytes, at), lineBytes: lineBytesAt(written.bytes, at) });
      }
      expect(read).toEqual(items);
    }),
  );
});
