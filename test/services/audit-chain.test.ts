import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AUDIT_CHAINS, type ChainEntry, chainOf, faultsOf, linked } from '../../src/records/audit-chain.ts';
import type { AuditEvent } from '../../src/records/audit-event.ts';

const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const text = nullable(fc.string({ unit: 'binary' }));

const anyEvent: fc.Arbitrary<AuditEvent> = fc.record({
  id: fc.uuid(),
  eventTime: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  source: fc.constantFrom('OUTPORT', 'CLOUDTRAIL'),
  eventName: fc.constantFrom('ExportTable', 'CancelExport', 'DescribeExport'),
  outcome: fc.constantFrom('REQUESTED', 'REFUSED', 'COMPLETED'),
  issuer: text,
  principal: text,
  principalName: text,
  sourceIpAddress: text,
  userAgent: text,
  requestId: text,
  tableArn: text,
  // All of one export, so that all lie in one chain.
  exportId: fc.constant('exp_a'),
  exportArn: text,
  input: text,
  decision: nullable(fc.constantFrom('ALLOW', 'DENY')),
  policyIds: fc.array(fc.string(), { maxLength: 3 }),
  errorCode: text,
  errorMessage: text,
});

const chain = fc.array(
  anyEvent.map((event) => ({ ...event, source: 'OUTPORT' as const })),
  { minLength: 3, maxLength: 12 },
);

function entriesOf(events: readonly AuditEvent[]): ChainEntry[] {
  const entries: ChainEntry[] = [];
  for (const event of events) {
    const { chain, sequence, previousHash, hash, ...content } = linked(event, entries.at(-1) ?? null);
    entries.push({ chain, sequence, previousHash, hash, event: content });
  }
  return entries;
}

/** The sequence numbers at which a chain is found to be broken. */
const faultyIn = (entries: readonly ChainEntry[]): number[] =>
  entries
    .filter((entry, index) => faultsOf(entry, entries[index - 1] ?? null).length > 0)
    .map(({ sequence }) => sequence);

/** A chain and the index of one of its records that is neither the first nor the last. */
const chainAndInner = chain.chain((events) =>
  fc.tuple(fc.constant(entriesOf(events)), fc.integer({ min: 1, max: events.length - 2 })),
);

describe('a chain', () => {
  test('as it was written has no faults', () => {
    fc.assert(
      fc.property(chain, (events) => {
        expect(faultyIn(entriesOf(events))).toEqual([]);
      }),
    );
  });

  test('shows a changed field at its record', () => {
    const field = fc.constantFrom('outcome', 'principal', 'tableArn', 'errorCode', 'eventTime', 'input', 'decision');
    fc.assert(
      fc.property(chainAndInner, field, ([entries, index], name) => {
        const tampered = entries.map((entry, at) =>
          at === index && entry.event
            ? { ...entry, event: { ...entry.event, [name]: `${entry.event[name as 'id']}.` } }
            : entry,
        );
        expect(faultyIn(tampered)).toEqual([index + 1]);
      }),
    );
  });

  test('shows a changed record whose hash was made to fit at the one behind it', () => {
    fc.assert(
      fc.property(chainAndInner, ([entries, index]) => {
        const before = entries[index - 1] ?? null;
        const [event] = [entries[index]?.event ?? expect.fail('no event')];
        const { chain, sequence, previousHash, hash, ...content } = linked({ ...event, eventName: 'Nothing' }, before);
        const forged = { chain, sequence, previousHash, hash, event: content };
        expect(faultyIn(entries.with(index, forged))).toEqual([index + 2]);
      }),
    );
  });

  test('shows a removed record at the one behind it, and says which is missing', () => {
    fc.assert(
      fc.property(chainAndInner, ([entries, index]) => {
        const rest = entries.toSpliced(index, 1);
        expect(faultyIn(rest)).toEqual([index + 2]);
        expect(faultsOf(rest[index] as ChainEntry, rest[index - 1] as ChainEntry)).toEqual([
          `record ${index + 1} is missing before it`,
        ]);
      }),
    );
  });

  test('shows two records that were swapped', () => {
    fc.assert(
      fc.property(chainAndInner, ([entries, index]) => {
        const [one, other] = [entries[index] as ChainEntry, entries[index - 1] as ChainEntry];
        expect(faultyIn(entries.with(index - 1, one).with(index, other))).toEqual(
          expect.arrayContaining([one.sequence, other.sequence]),
        );
      }),
    );
  });

  test('shows a record that stands there twice', () => {
    fc.assert(
      fc.property(chainAndInner, ([entries, index]) => {
        const copy = entries[index] as ChainEntry;
        expect(faultyIn(entries.toSpliced(index, 0, copy))).toEqual([index + 1]);
        // Renumbered, so as to look like one of its own.
        const renumbered = { ...copy, sequence: copy.sequence + 1 };
        expect(faultyIn([...entries.slice(0, index + 1), renumbered])).toEqual([copy.sequence + 1]);
      }),
    );
  });

  test('is checked link by link where its reader may not see the content', () => {
    fc.assert(
      fc.property(chainAndInner, ([entries, index]) => {
        const hidden = entries.map((entry) => ({ ...entry, event: null }));
        expect(faultyIn(hidden)).toEqual([]);
        expect(faultyIn(hidden.toSpliced(index, 1))).toEqual([index + 2]);
      }),
    );
  });

  test('holds all events of an export, and those of CloudTrail by their ids', () => {
    fc.assert(
      fc.property(anyEvent, anyEvent, (event, other) => {
        expect(chainOf(event)).toBeLessThan(AUDIT_CHAINS);
        if (event.source === other.source && event.source === 'OUTPORT') expect(chainOf(event)).toBe(chainOf(other));
        const joined = { ...event, source: 'CLOUDTRAIL', exportId: null } as const;
        expect(chainOf(joined)).toBe(chainOf({ ...joined, exportId: 'exp_b' }));
      }),
    );
  });
});
