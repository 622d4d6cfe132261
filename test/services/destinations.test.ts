import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDestinations } from '../../src/lambda/configured-destinations.ts';
import { readRoles } from '../../src/lambda/configured-roles.ts';
import { decisionOf, parseStatement, parseStatements, statementApplies } from '../../src/local/aws/policy-statement.ts';
import { type AllowedDestination, actingTeam, checkDestination, OWN_BUCKETS } from '../../src/services/destinations.ts';
import { parseExportRequest } from '../../src/services/export-request.ts';
import { roleFor } from '../../src/services/export-roles.ts';
import { exportSessionPolicy } from '../../src/services/session-policy.ts';

const TABLE_ARN = 'arn:aws:dynamodb:eu-central-1:111122223333:table/orders';
const BY_TEAM: readonly AllowedDestination[] = readDestinations('[{"bucket":"lake","prefix":"exports/{team}/"}]');

const requestTo = (destination: { bucket: string; bucketOwner?: string; prefix?: string | null }) =>
  parseExportRequest({ clientToken: 't', tableArn: TABLE_ARN, exportFormat: 'DYNAMODB_JSON', destination });

/** Whether a person of these teams may export to the prefix, as the service decides it. */
function mayWrite(prefix: string, ...teams: string[]): boolean {
  const parsed = requestTo({ bucket: 'lake', prefix });
  return parsed.ok && checkDestination(BY_TEAM, { teams }, parsed.value).allowed;
}

/** Pieces that hostile prefixes and team names are made of. */
const PIECES = [
  '/',
  '//',
  '.',
  '..',
  '../',
  '..\\',
  '%2e%2e',
  '%2F',
  '\0',
  '\n',
  '\u202e',
  '\u2044',
  '\uff0f',
  '\u0301',
  'e',
  'é',
  '*',
  '?',
  '$',
  '{team}',
  '$&',
  '$1',
  ' ',
  'exports',
  'exports/',
  'data',
  'Data',
  'data2',
  'dat',
  'sales',
  'AWSDynamoDB',
];
const hostile = fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join(''));

describe('a prefix', () => {
  test.each([
    ['exports/data', true],
    ['exports/data/', true],
    ['exports/data/2026/orders', true],
    ['exports/data2', false],
    ['exports/dat', false],
    ['exports/', false],
    ['', false],
    ['exports/data/../sales', false],
    ['exports//data', false],
    ['Exports/data', false],
    ['exports/data%2f..', false],
    ['x/exports/data', false],
  ])('%j of team data: %s', (prefix, allowed) => {
    expect(mayWrite(prefix, 'data')).toBe(allowed);
  });

  test('that is allowed, however hostile, lies in the folder of one of the teams, segment by segment', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 3 }), hostile, fc.boolean(), (teams, rest, below) => {
        const prefix = below && teams[0] !== undefined ? `exports/${teams[0]}/${rest}` : rest;
        if (!mayWrite(prefix, ...teams)) return;
        const [root, team, ...others] = prefix.split('/');
        expect(root).toBe('exports');
        expect(teams).toContain(team);
        expect(['', '.', '..']).not.toContain(team);
        expect(others).not.toContain('..');
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a person without a team, or with one that is no folder, is never allowed', () => {
    for (const team of ['', '.', '..', 'a/b', 'a\nb']) expect(mayWrite(`exports/${team}/x`, team)).toBe(false);
    expect(mayWrite('exports//x')).toBe(false);
    const parsed = requestTo({ bucket: 'lake', prefix: 'exports/a' });
    if (!parsed.ok) throw new Error('not valid');
    expect(checkDestination(BY_TEAM, { teams: [] }, parsed.value)).toMatchObject({
      error: { remedy: 'No destination is configured for somebody without a team. Ask the platform team for one.' },
    });
  });
});

test('a session policy allows keys below its prefix and no other, whatever characters they have', () => {
  const table = {
    arn: TABLE_ARN,
    partition: 'aws',
    region: 'eu-central-1',
    account: '111122223333',
    tableName: 'orders',
  };
  const encryption = { algorithm: 'AES256' as const, kmsKeyId: null };
  fc.assert(
    fc.property(hostile, hostile, (prefix, key) => {
      const parsed = requestTo({ bucket: 'lake', prefix });
      if (!parsed.ok) return;
      const policy = exportSessionPolicy(table, { bucket: 'lake', prefix: prefix || null, encryption });
      const statements = parseStatements(policy, parseStatement);
      const mayPut = (bucket: string, name: string) => {
        const question = { action: 's3:PutObject', resourceArn: `arn:aws:s3:::${bucket}/${name}`, context: {} };
        return decisionOf(statements.filter((statement) => statementApplies(statement, question))) === 'ALLOW';
      };
      const root = `${prefix ? `${prefix.replace(/\/$/, '')}/` : ''}AWSDynamoDB/`;
      expect(mayPut('lake', `${root}${key}`)).toBe(true);
      expect(mayPut('lake', key)).toBe(key.startsWith(root));
      expect(mayPut('lakes', `${root}${key}`)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

test('without a list, every bucket of the table’s account is allowed, and no other', () => {
  const check = (bucketOwner?: string) => {
    const parsed = requestTo({ bucket: 'anything', bucketOwner, prefix: 'x' });
    if (!parsed.ok) throw new Error('not valid');
    return checkDestination(OWN_BUCKETS, { teams: [] }, parsed.value);
  };
  expect(check()).toEqual({ allowed: true, region: null, team: null });
  expect(check('444455556666')).toMatchObject({ allowed: false, error: { code: 'DESTINATION_NOT_ALLOWED' } });
});

test('the team whose folder an export goes to is the one it is for, else the first of the token', () => {
  const team = (prefix: string, allowList = BY_TEAM) => {
    const parsed = requestTo({ bucket: 'lake', prefix });
    if (!parsed.ok) throw new Error('not valid');
    return actingTeam(allowList, { teams: ['sales', 'data'] }, parsed.value);
  };
  expect([team('exports/data'), team('exports/sales'), team('x', OWN_BUCKETS)]).toEqual(['data', 'sales', 'sales']);
});

describe('roles', () => {
  const roles = readRoles({
    OUTPORT_EXPORT_ROLE: 'Export',
    OUTPORT_EXTERNAL_ID: 'all',
    OUTPORT_EXPORT_ROLES: JSON.stringify([
      { account: '111122223333', team: 'data', role: 'Export-data' },
      { account: '111122223333', externalId: 'one' },
    ]),
  });

  test.each([
    ['111122223333', 'data', 'Export-data', 'all'],
    ['111122223333', 'sales', 'Export', 'one'],
    ['111122223333', null, 'Export', 'one'],
    ['444455556666', 'data', 'Export', 'all'],
  ])('in account %s for team %s: %s with external id %s', (account, team, role, externalId) => {
    expect(roleFor(roles, account, team)).toMatchObject({ role, externalId });
  });
});

test.each([
  [() => readDestinations('{}'), 'OUTPORT_DESTINATIONS must be a JSON list'],
  [() => readDestinations('[{"bucket":"lake","prefix":"exports"}]'), 'OUTPORT_DESTINATIONS[0].prefix must end in /'],
  [() => readDestinations('[{"bucket":"lake"},{"bucket":"Lake"}]'), 'OUTPORT_DESTINATIONS[1].bucket must be the name'],
  [() => readDestinations('[{"bucket":"lake","owners":"1"}]'), 'OUTPORT_DESTINATIONS[0].owners is no field'],
  [
    () => readDestinations('[{"bucket":"lake","encryption":{"algorithm":"SSE"}}]'),
    'OUTPORT_DESTINATIONS[0].encryption.algorithm must be AES256 or KMS',
  ],
  [
    () => readRoles({ OUTPORT_EXPORT_ROLE: 'Export', OUTPORT_EXPORT_ROLES: '[{"role":"Admin"}]' }),
    "OUTPORT_EXPORT_ROLES[0].role must be a role's name that begins with Export",
  ],
  [() => readRoles({ OUTPORT_EXPORT_ROLE: 'Export', OUTPORT_EXTERNAL_ID: 'a b' }), 'OUTPORT_EXTERNAL_ID must be'],
])('a mistake in the configuration fails the start: %#', (read, message) => {
  expect(read).toThrow(message);
});
