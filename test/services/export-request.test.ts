import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adoptedIdOf, exportIdOf } from '../../src/services/export-id.ts';
import {
  canonicalInput,
  type ExportTableInput,
  inputHash,
  parseExportRequest,
} from '../../src/services/export-request.ts';
import type { IncrementalExportInput } from '../../src/services/incremental-window.ts';
import { sessionNameOf } from '../../src/services/principal.ts';
import { parseTableArn } from '../../src/services/table-arn.ts';

const TABLE_ARN = 'arn:aws:dynamodb:eu-central-1:111122223333:table/cities';
const GOOD: ExportTableInput = {
  clientToken: 'token',
  tableArn: TABLE_ARN,
  exportFormat: 'DYNAMODB_JSON',
  destination: { bucket: 'exports' },
};

const incremental = (window: Partial<IncrementalExportInput>): ExportTableInput => ({
  ...GOOD,
  exportType: 'INCREMENTAL_EXPORT',
  incrementalExport: {
    exportFromTime: new Date('2026-01-01T00:00:00Z'),
    exportViewType: 'NEW_AND_OLD_IMAGES',
    ...window,
  },
});

function parsed(input: ExportTableInput) {
  const result = parseExportRequest(input);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.value;
}

const codesOf = (input: ExportTableInput) => {
  const result = parseExportRequest(input);
  return result.ok ? [] : result.errors.map(({ code }) => code);
};

describe('a table ARN', () => {
  test.each([
    TABLE_ARN,
    'arn:aws-cn:dynamodb:cn-north-1:111122223333:table/a.b-c_d',
    'arn:aws-us-gov:dynamodb:us-gov-west-1:111122223333:table/abc',
    'arn:aws:dynamodb:ap-southeast-10:111122223333:table/abc',
  ])('%s is one', (arn) => expect(parseTableArn(arn)).toMatchObject({ arn, account: '111122223333' }));

  test.each([
    'cities',
    `${TABLE_ARN}/index/by-name`,
    `${TABLE_ARN}/export/01768385930622-efd1a093`,
    TABLE_ARN.replace('dynamodb', 's3'),
    TABLE_ARN.replace('111122223333', '11112222333'),
    TABLE_ARN.replace('cities', 'ab'),
    TABLE_ARN.replace('cities', 'a'.repeat(256)),
    TABLE_ARN.replace('cities', 'a/../b'),
    TABLE_ARN.replace('aws', 'aws-cn'),
    TABLE_ARN.replace('eu-central-1', 'cn-north-1'),
    `${TABLE_ARN}\n`,
    '',
  ])('%j is none', (text) => expect(parseTableArn(text)).toBeNull());

  test('of hostile text is none, or is that text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
        const arn = `arn:aws:dynamodb:eu-central-1:111122223333:table/${name}`;
        expect(parseTableArn(arn)?.tableName ?? name).toBe(name);
        if (!/^[\w.-]{3,255}$/.test(name)) expect(parseTableArn(arn)).toBeNull();
      }),
    );
  });
});

describe('a request', () => {
  test('has every default filled in', () => {
    expect(parsed(GOOD)).toMatchObject({
      exportTime: null,
      exportType: 'FULL_EXPORT',
      destination: { bucketOwner: '111122223333', prefix: null, encryption: { algorithm: 'AES256', kmsKeyId: null } },
    });
  });

  test('is the same request with its defaults spelled out', () => {
    const spelledOut: ExportTableInput = {
      ...GOOD,
      clientToken: 'another',
      exportTime: null,
      destination: { bucket: 'exports', bucketOwner: '111122223333', prefix: '', encryption: { algorithm: 'AES256' } },
    };
    expect(inputHash(parsed(spelledOut))).toBe(inputHash(parsed(GOOD)));
  });

  test.each<[string, ExportTableInput]>([
    ['time', { ...GOOD, exportTime: new Date('2026-01-01T00:00:00Z') }],
    ['format', { ...GOOD, exportFormat: 'ION' }],
    ['bucket', { ...GOOD, destination: { bucket: 'others' } }],
    ['owner', { ...GOOD, destination: { bucket: 'exports', bucketOwner: '444455556666' } }],
    ['prefix', { ...GOOD, destination: { bucket: 'exports', prefix: 'x' } }],
    ['encryption', { ...GOOD, destination: { bucket: 'exports', encryption: { algorithm: 'KMS' } } }],
    ['type', incremental({})],
    ['window', incremental({ exportToTime: new Date('2026-01-01T01:00:00Z') })],
    ['view', incremental({ exportViewType: 'NEW_IMAGE' })],
    ['filter', { ...GOOD, filter: { filterExpression: 'attribute_exists(a)' } }],
  ])('is another request with another %s', (_field, other) => {
    expect(inputHash(parsed(other))).not.toBe(inputHash(parsed(GOOD)));
  });

  test('keeps a time to the second', () => {
    const request = parsed({ ...GOOD, exportTime: new Date('2026-01-01T00:00:00Z') });
    expect(request.exportTime).toBe('2026-01-01T00:00:00Z');
    expect(JSON.parse(canonicalInput(request)).exportTime).toBe('2026-01-01T00:00:00Z');
  });

  test.each(['a', 'ab', 'A-bucket', '-abc', 'abc-', 'a..b', '192.168.0.1', 'arn:aws:s3:::b', 'a_b', 'a'.repeat(64)])(
    'to a bucket %s is refused',
    (bucket) => expect(codesOf({ ...GOOD, destination: { bucket } })).toEqual(['INVALID_BUCKET']),
  );

  test.each(['a/../b', '..', './a', '/a', 'a\u0000b', 'é'.repeat(513)])('with the prefix %j is refused', (prefix) =>
    expect(codesOf({ ...GOOD, destination: { bucket: 'exports', prefix } })).toEqual(['INVALID_PREFIX']),
  );

  test.each(['', 'a$b', 'a'.repeat(65)])('with the client token %j is refused', (clientToken) =>
    expect(codesOf({ ...GOOD, clientToken })).toEqual(['INVALID_CLIENT_TOKEN']),
  );
});

describe('an incremental request', () => {
  test('keeps its window to the second', () => {
    expect(parsed(incremental({}))).toMatchObject({
      exportType: 'INCREMENTAL_EXPORT',
      incrementalExport: {
        exportFromTime: '2026-01-01T00:00:00Z',
        exportToTime: null,
        exportViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
  });

  const { incrementalExport } = incremental({});
  test.each<[string, ExportTableInput, string, string]>([
    [
      'without its type',
      { ...GOOD, incrementalExport },
      'INVALID_EXPORT_TYPE',
      'Invalid Request: Export Type expected to be Incremental Export when incremental export specification is provided',
    ],
    [
      'with the type of a full one',
      { ...GOOD, incrementalExport, exportType: 'FULL_EXPORT' },
      'INVALID_EXPORT_TYPE',
      'Invalid Request: When Export Type is Full Export , Incremental Export Specification should not be provided',
    ],
    [
      'without its window',
      { ...GOOD, exportType: 'INCREMENTAL_EXPORT' },
      'INVALID_EXPORT_TYPE',
      'Invalid Request: Incremental Export Specification expected when export type is set as Incremental Export',
    ],
    [
      'with the time of a full one',
      { ...incremental({}), exportTime: new Date('2026-01-01T00:00:00Z') },
      'INVALID_EXPORT_TYPE',
      'exportTime is not supported for an incremental export.',
    ],
    [
      'from a fraction of a second',
      incremental({ exportFromTime: new Date('2026-01-01T00:00:00.5Z') }),
      'INVALID_EXPORT_WINDOW',
      '2026-01-01T00:00:00.500Z is not a whole second.',
    ],
    [
      'too short',
      incremental({ exportToTime: new Date('2026-01-01T00:14:59Z') }),
      'INVALID_EXPORT_WINDOW',
      'Difference between export period from time and export period to time is less than 15 minutes',
    ],
    [
      'too long',
      incremental({ exportToTime: new Date('2026-01-02T00:00:01Z') }),
      'INVALID_EXPORT_WINDOW',
      'Difference between export period from time and export period to time is greater than 24 hours',
    ],
  ])('%s is refused', (_what, input, code, message) => {
    expect(parseExportRequest(input)).toMatchObject({ ok: false, errors: [{ code, message }] });
  });
});

describe('an id', () => {
  test('is 26 characters of base32, and another for any other person or token', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.string(), fc.string(), fc.string()),
        fc.tuple(fc.string(), fc.string(), fc.string()),
        (a, b) => {
          expect(exportIdOf(...a)).toMatch(/^exp_[a-z2-7]{26}$/);
          expect(exportIdOf(...a) === exportIdOf(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
        },
      ),
    );
  });

  test('never changes: stored exports would lose their tokens', () => {
    expect(exportIdOf('https://id.example', 'ann', 'token')).toMatchInlineSnapshot(`"exp_bkpouwtg2tn6jruus4ag2f2qf4"`);
    expect(adoptedIdOf(`${TABLE_ARN}/export/01768385930622-efd1a093`)).toMatchInlineSnapshot(
      `"exp_uqmpydueibljuwbcow2ux5b2e4"`,
    );
  });
});

test('a session name is what STS accepts, and nobody else’s', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (subject, issuer) => {
      expect(sessionNameOf({ issuer, subject })).toMatch(/^[\w+=,.@-]{2,64}$/);
    }),
  );
  expect(sessionNameOf({ issuer: 'a', subject: 'a b' })).not.toBe(sessionNameOf({ issuer: 'a', subject: 'a-b' }));
});
