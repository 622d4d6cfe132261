import { expect, test } from 'vitest';
import type { AuditEvent } from '../../src/records/audit-event.ts';
import { storyOf } from '../../src/services/export-story.ts';
import { exportCompleted, exportFailed } from '../support/export-moves.ts';

const ID = 'exp_a';

const event = (
  id: string,
  outcome: AuditEvent['outcome'],
  eventTime: string,
  more: Partial<AuditEvent> = {},
): AuditEvent => ({
  id,
  eventTime,
  source: 'OUTPORT',
  eventName: 'ExportTable',
  outcome,
  issuer: null,
  principal: 'ana',
  principalName: null,
  sourceIpAddress: null,
  userAgent: null,
  requestId: null,
  tableArn: null,
  exportId: ID,
  exportArn: null,
  input: null,
  decision: 'ALLOW',
  policyIds: ['data-may-export'],
  errorCode: null,
  errorMessage: null,
  ...more,
});

const told = (...args: Parameters<typeof storyOf>) => storyOf(...args).map(({ event: name, title }) => [name, title]);

test('a request that waited, was refused before and was repeated since, is told from the request that made the export', () => {
  const events = [
    event('one', 'REQUESTED', '2026-11-22T23:00:00.000Z', { principalName: 'Ana, refused' }),
    event('one-REFUSED', 'REFUSED', '2026-11-22T23:00:00.100Z'),
    event('two', 'REQUESTED', '2026-11-22T23:59:59.000Z', { principalName: 'Ana' }),
    event('two-QUEUED', 'QUEUED', '2026-11-23T00:00:00.100Z'),
    event('three', 'REQUESTED', '2026-11-23T00:00:01.000Z', { principalName: 'Ana, again' }),
    event('three-REPLAYED', 'REPLAYED', '2026-11-23T00:00:01.100Z'),
    event(`${ID}-ADMITTED`, 'ADMITTED', '2026-11-23T00:00:10.000Z'),
    event(`${ID}-IN_PROGRESS`, 'IN_PROGRESS', '2026-11-23T00:00:11.000Z'),
    event(`${ID}-COMPLETED`, 'COMPLETED', '2026-11-23T00:01:00.000Z'),
  ];
  expect(told(exportCompleted(ID, 4), events, true)).toEqual([
    ['REQUESTED', 'Requested by Ana'],
    ['ALLOWED', 'Allowed'],
    ['QUEUED', 'Queued'],
    ['ADMITTED', 'Its turn came, and it was allowed again'],
    ['STARTED', 'Started by DynamoDB'],
    ['COMPLETED', 'Completed'],
    ['VERIFIED', 'Verified'],
  ]);
});

test('one that failed says why', () => {
  const failure = { errorCode: 'S3_NO_SUCH_BUCKET', errorMessage: 'gone' };
  const events = [
    event('one', 'REQUESTED', '2026-11-22T23:59:59.000Z'),
    event(`${ID}-FAILED`, 'FAILED', '2026-11-23T00:01:00.000Z', failure),
  ];
  expect(storyOf(exportFailed(ID, 2), events, false)).toEqual([
    { time: '2026-11-22T23:59:59.000Z', event: 'REQUESTED', title: 'Requested by ana', detail: null },
    { time: '2026-11-22T23:59:59.000Z', event: 'ALLOWED', title: 'Allowed', detail: null },
    { time: '2026-11-23T00:01:00.000Z', event: 'FAILED', title: 'Failed: S3_NO_SUCH_BUCKET', detail: 'gone' },
  ]);
});

test('one that was started past Outport begins where it was found', () => {
  const adopted = { ...exportCompleted(ID, 2), source: 'ADOPTED' as const, requestedBy: null };
  const events = [event(`${ID}-COMPLETED`, 'COMPLETED', '2026-11-23T00:01:00.000Z')];
  expect(told(adopted, events, true)).toEqual([
    ['ADOPTED', 'Started elsewhere'],
    ['COMPLETED', 'Completed'],
    ['VERIFIED', 'Verified'],
  ]);
});
