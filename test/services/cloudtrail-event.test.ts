import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditEventOf } from '../../src/services/cloudtrail-event.ts';
import { adoptedIdOf } from '../../src/services/export-id.ts';

const EXPORT_ARN = 'arn:aws:dynamodb:eu-central-1:111122223333:table/t/export/01768385930622-efd1a093';
const EVENT = { EventId: 'e', EventTime: new Date('2026-01-01T00:00:00Z'), EventName: 'ExportTableToPointInTime' };

const eventOf = (record: unknown) =>
  auditEventOf({ ...EVENT, Username: 'ann', CloudTrailEvent: JSON.stringify(record) });

test('a call of Outport’s belongs to its export', () => {
  const event = eventOf({
    userIdentity: { arn: 'arn:aws:sts::111122223333:assumed-role/OutportExport/ann' },
    sourceIPAddress: '192.0.2.7',
    requestID: 'r',
    requestParameters: { clientToken: 'outport-exp_a', tableArn: 'arn:t' },
    responseElements: { exportDescription: { exportArn: EXPORT_ARN } },
  });
  expect(event).toMatchObject({
    id: 'e',
    source: 'CLOUDTRAIL',
    outcome: 'ACCEPTED',
    principal: 'arn:aws:sts::111122223333:assumed-role/OutportExport/ann',
    exportId: 'exp_a',
    exportArn: EXPORT_ARN,
    tableArn: 'arn:t',
    requestId: 'r',
  });
});

test('a call of somebody else’s belongs to the export that is adopted', () => {
  const event = eventOf({ responseElements: { exportDescription: { exportArn: EXPORT_ARN } } });
  expect(event).toMatchObject({ exportId: adoptedIdOf(EXPORT_ARN), principal: 'ann' });
});

test('a call that AWS rejected says why', () => {
  expect(eventOf({ errorCode: 'AccessDenied', errorMessage: 'no' })).toMatchObject({
    outcome: 'REJECTED',
    errorCode: 'AccessDenied',
    errorMessage: 'no',
    exportId: null,
  });
});

test('what a filter compares with is left out, wherever CloudTrail has it', () => {
  const filterSpecification = {
    filterExpression: 'secret = :v',
    expressionAttributeValues: { ':v': { s: 'swordfish' } },
  };
  const input = eventOf({ requestParameters: { tableArn: 'arn:t', filterSpecification } })?.input;
  expect(input).toContain('secret = :v');
  expect(input).not.toContain('swordfish');
});

test('whatever the record looks like, an event with an id and a time is kept', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (CloudTrailEvent) => {
      expect(auditEventOf({ ...EVENT, CloudTrailEvent })).toMatchObject({
        id: 'e',
        eventTime: '2026-01-01T00:00:00.000Z',
      });
    }),
  );
  expect(auditEventOf({ CloudTrailEvent: '{}' })).toBeNull();
});
