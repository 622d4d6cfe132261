import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExportRecord, Requester } from '../../src/records/export-records.ts';
import type { ScheduleRecord } from '../../src/records/schedule-records.ts';
import { parseExportRequest } from '../../src/services/export-request.ts';
import { createPermit, type Permit } from '../../src/services/permit.ts';
import { validatePolicies } from '../../src/services/policies.ts';
import { newSchedule } from '../support/new-schedule.ts';

const person = (subject: string, ...teams: string[]): Requester => ({
  issuer: 'https://id.example',
  subject,
  name: null,
  teams,
});
const TABLE_ARN = 'arn:aws:dynamodb:eu-central-1:111122223333:table/cities';

function request(bucket = 'exports') {
  const parsed = parseExportRequest({
    clientToken: 't',
    tableArn: TABLE_ARN,
    exportFormat: 'DYNAMODB_JSON',
    destination: { bucket, prefix: 'p', encryption: { algorithm: 'KMS', kmsKeyId: 'alias/key' } },
  });
  if (!parsed.ok) throw new Error('not valid');
  return parsed.value;
}

const NO_EXPRESSIONS = {
  filterExpression: null,
  projectionExpression: null,
  keyConditionExpression: null,
  expressionAttributeNames: null,
  expressionAttributeValues: null,
};

const exportBy = (requestedBy: Requester | null): ExportRecord => ({
  id: 'exp_a',
  version: 1,
  status: 'CANCELED',
  source: requestedBy ? 'OUTPORT' : 'ADOPTED',
  requestedBy,
  team: null,
  clientToken: null,
  inputHash: null,
  tableArn: TABLE_ARN,
  exportTime: null,
  exportFormat: 'DYNAMODB_JSON',
  exportType: 'FULL_EXPORT',
  incrementalExport: null,
  filter: null,
  destination: request().destination,
  tableSizeBytes: 0,
  expectedOutputBytes: null,
  expectedSeconds: null,
  retryOf: null,
  createdAt: '',
  updatedAt: '',
  endTime: '',
});

const scheduleOf = (requestedBy: Requester): ScheduleRecord => ({ ...newSchedule('sch_a', new Date(0)), requestedBy });

describe('the default policies', () => {
  const permit = createPermit('policies');
  const table = request().table;

  test('let the platform team do everything', () => {
    const ann = person('ann', 'platform');
    for (const question of [
      { action: 'ExportTable', request: request() },
      { action: 'ViewExport', record: exportBy(person('bob')) },
      { action: 'ViewExport', record: exportBy(null) },
      { action: 'ViewAudit', table },
      { action: 'ViewAudit', table: null },
      { action: 'ViewLimits', scope: table },
      { action: 'CancelExport', record: exportBy(person('bob')) },
      { action: 'RetryExport', record: exportBy(null) },
      { action: 'VerifyExport', record: exportBy(null) },
      { action: 'ReadExportData', record: exportBy(person('bob')) },
      { action: 'ListTables', scope: table },
      { action: 'ViewTable', table },
      { action: 'CreateSchedule', table },
      { action: 'ViewSchedule', schedule: scheduleOf(person('bob')) },
      { action: 'ManageSchedule', schedule: scheduleOf(person('bob')) },
    ] as const) {
      expect(permit(ann, question)).toEqual({ allowed: true, policyIds: ['platform-may-do-everything'] });
    }
  });

  test.each(['ViewExport', 'CancelExport', 'RetryExport', 'VerifyExport', 'ReadExportData'] as const)(
    'let the requester and their team %s, and nobody else',
    (action) => {
      const record = exportBy(person('bob', 'data'));
      const may = (viewer: Requester) => permit(viewer, { action, record }).allowed;
      expect(may(person('bob'))).toBe(true);
      expect(may(person('carol', 'data'))).toBe(true);
      expect(may(person('mallory', 'marketing'))).toBe(false);
      expect(may({ ...person('bob'), issuer: 'https://other.example' })).toBe(false);
      expect(permit(person('bob', 'data'), { action, record: exportBy(null) }).allowed).toBe(false);
    },
  );

  test.each(['ViewSchedule', 'ManageSchedule'] as const)(
    'let who made it and their team %s, and nobody else',
    (action) => {
      const schedule = scheduleOf(person('bob', 'data'));
      const may = (viewer: Requester) => permit(viewer, { action, schedule }).allowed;
      expect([person('bob'), person('carol', 'data'), person('mallory', 'marketing')].map(may)).toEqual([
        true,
        true,
        false,
      ]);
      expect(may({ ...person('bob'), issuer: 'https://other.example' })).toBe(false);
    },
  );

  test('permit nobody else to export, to see tables or limits or to read the audit', () => {
    for (const question of [
      { action: 'ListTables', scope: table },
      { action: 'ViewTable', table },
      { action: 'CreateSchedule', table },
    ] as const) {
      expect(permit(person('bob', 'data'), question)).toEqual({ allowed: false, policyIds: [] });
    }
    expect(permit(person('bob', 'data'), { action: 'ViewLimits', scope: table }).allowed).toBe(false);
    expect(permit(person('bob', 'data'), { action: 'ExportTable', request: request() })).toEqual({
      allowed: false,
      policyIds: [],
    });
    for (const about of [table, null]) {
      expect(permit(person('bob', 'data'), { action: 'ViewAudit', table: about }).allowed).toBe(false);
    }
  });
});

describe('policies of one’s own', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'outport-test-'));
    await cp('policies', directory, { recursive: true });
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const add = (text: string) => writeFile(path.join(directory, 'own.cedar'), text);

  test('can let a team see the tables of an account, which both questions are about', async () => {
    await add(`@id("data-may-see") permit (principal in Team::"data", action in [Action::"ListTables", Action::"ViewTable"], resource)
      when { resource.account == "111122223333" };`);
    const permit = createPermit(directory);
    const { table } = request();
    const there = { ...table, account: '444455556666', arn: table.arn.replace(table.account, '444455556666') };
    for (const [asked, allowed] of [
      [table, true],
      [there, false],
    ] as const) {
      expect(permit(person('bob', 'data'), { action: 'ListTables', scope: asked }).allowed).toBe(allowed);
      expect(permit(person('bob', 'data'), { action: 'ViewTable', table: asked }).allowed).toBe(allowed);
    }
  });

  test('can forbid what is permitted, by table, destination and encryption', async () => {
    await add(`@id("no-secrets") forbid (principal, action == Action::"ExportTable", resource)
      when { resource.name == "cities" && context.destination.bucket == "exports" && context.destination.encryption has kmsKeyId };`);
    const permit = createPermit(directory);
    const ann = person('ann', 'platform');
    expect(permit(ann, { action: 'ExportTable', request: request() })).toEqual({
      allowed: false,
      policyIds: ['no-secrets'],
    });
    expect(permit(ann, { action: 'ExportTable', request: request('others') }).allowed).toBe(true);
  });

  test('can ask for the time that is exported, the format and the limits of a Region', async () => {
    await add(`@id("recent-only") forbid (principal, action == Action::"ExportTable", resource)
        unless { context has exportTime && context.exportTime >= datetime("2026-01-01T00:00:00Z") && context.exportFormat == "ION" };
      @id("limits-here") permit (principal in Team::"data", action == Action::"ViewLimits", resource) when { resource.region == "eu-central-1" };`);
    const permit = createPermit(directory);
    const ann = person('ann', 'platform');
    const asked = { ...request(), exportFormat: 'ION' as const };
    const at = (exportTime: string | null) =>
      permit(ann, { action: 'ExportTable', request: { ...asked, exportTime } }).allowed;
    expect([at('2026-05-01T00:00:00Z'), at('2025-05-01T00:00:00Z'), at(null)]).toEqual([true, false, false]);
    const seesLimits = (region: string) =>
      permit(person('bob', 'data'), { action: 'ViewLimits', scope: { ...asked.table, region } }).allowed;
    expect([seesLimits('eu-central-1'), seesLimits('us-east-1')]).toEqual([true, false]);
  });

  test('can ask for the window of an incremental export, and for filters', async () => {
    await add(`@id("small-windows") forbid (principal, action == Action::"ExportTable", resource)
      unless { context.exportType == "FULL_EXPORT" || (!context.filtered && context has exportFromTime &&
        context has exportToTime && context.exportToTime.durationSince(context.exportFromTime) <= duration("1h")) };`);
    const permit = createPermit(directory);
    const window = (exportFromTime: string, exportToTime: string | null, filtered = false) => {
      const incrementalExport = { exportFromTime, exportToTime, exportViewType: 'NEW_IMAGE' as const };
      const filter = filtered ? { ...NO_EXPRESSIONS, filterExpression: 'a = b' } : null;
      const asked = { ...request(), exportType: 'INCREMENTAL_EXPORT' as const, incrementalExport, filter };
      return permit(person('ann', 'platform'), { action: 'ExportTable', request: asked }).allowed;
    };
    expect(window('2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z')).toBe(true);
    expect(window('2026-01-01T00:00:00Z', '2026-01-01T02:00:00Z')).toBe(false);
    expect(window('2026-01-01T00:00:00Z', null)).toBe(false);
    expect(window('2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z', true)).toBe(false);
  });

  test('decide as a plain reading of them does: nothing by default, and one that forbids outweighs all that permit', async () => {
    const EXPORT_ACTIONS = ['ViewExport', 'CancelExport', 'RetryExport', 'VerifyExport'] as const;
    const ACTIONS = [...EXPORT_ACTIONS, 'ExportTable', 'ViewAudit', 'ViewLimits'] as const;
    const CONDITIONS = { none: '', bob: 'when { principal.subject == "bob" }' };
    const OWN = 'when { resource has requester && resource.requester == principal }';
    const people = fc.record({
      subject: fc.constantFrom('ann', 'bob'),
      teams: fc.subarray(['data', 'sales']),
    });
    const rules = fc.record({
      effect: fc.constantFrom('permit', 'permit', 'forbid'),
      team: fc.constantFrom(null, 'data', 'sales'),
      action: fc.constantFrom(null, ...ACTIONS),
      condition: fc.constantFrom('none', 'bob', 'own'),
    });
    const questions = fc.record({
      action: fc.constantFrom(...ACTIONS),
      by: people,
      requester: fc.option(people),
    });
    const isOfExports = (action: string | null) => EXPORT_ACTIONS.some((name) => name === action);
    const ask = (permit: Permit, action: (typeof ACTIONS)[number], by: Requester, requester: Requester | null) => {
      switch (action) {
        case 'ExportTable':
          return permit(by, { action, request: request() });
        case 'ViewAudit':
          return permit(by, { action, table: request().table });
        case 'ViewLimits':
          return permit(by, { action, scope: request().table });
        default:
          return permit(by, { action, record: exportBy(requester) });
      }
    };
    await rm(path.join(directory, 'default.cedar'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(rules, { minLength: 1, maxLength: 6 }),
        fc.array(questions, { minLength: 20, maxLength: 20 }),
        async (drawn, asked) => {
          // Only exports have a requester.
          const policies = drawn.filter(({ action, condition }) => condition !== 'own' || isOfExports(action));
          const texts = policies.map(({ effect, team, action, condition }, n) => {
            const who = team ? `principal in Team::"${team}"` : 'principal';
            const what = action ? `action == Action::"${action}"` : 'action';
            const when = condition === 'own' ? OWN : CONDITIONS[condition];
            return `@id("p${n}") ${effect} (${who}, ${what}, resource) ${when};`;
          });
          await add(['@id("idle") permit (principal in Team::"nobody", action, resource);', ...texts].join('\n'));
          const permit = createPermit(directory);
          for (const { action, by, requester } of asked) {
            const fitting = policies.flatMap((policy, n) =>
              (policy.team === null || by.teams.includes(policy.team)) &&
              (policy.action === null || policy.action === action) &&
              (policy.condition !== 'bob' || by.subject === 'bob') &&
              (policy.condition !== 'own' || by.subject === requester?.subject)
                ? [{ effect: policy.effect, id: `p${n}` }]
                : [],
            );
            const decisive = fitting.some(({ effect }) => effect === 'forbid') ? 'forbid' : 'permit';
            const policyIds = fitting.flatMap(({ effect, id }) => (effect === decisive ? [id] : []));
            const asks = person(by.subject, ...by.teams);
            const decision = ask(permit, action, asks, requester && person(requester.subject, ...requester.teams));
            expect({ ...decision, policyIds: decision.policyIds.toSorted() }).toEqual({
              allowed: decisive === 'permit' && policyIds.length > 0,
              policyIds,
            });
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('that cannot be evaluated permit nothing, as one of them may forbid', async () => {
    await add(`@id("overflows") forbid (principal, action == Action::"ExportTable", resource)
      when { 9223372036854775807 + 1 == 0 };`);
    const permit = createPermit(directory);
    expect(permit(person('ann', 'platform'), { action: 'ExportTable', request: request() }).allowed).toBe(false);
  });

  test('are not validated again when they are as they were, and are when one was added since', async () => {
    validatePolicies(directory);
    const permit = createPermit(directory);
    expect(permit(person('ann', 'platform'), { action: 'ExportTable', request: request() }).allowed).toBe(true);

    await add('@id("freeze") forbid (principal, action == Action::"ExportTable", resource);');
    expect(createPermit(directory)(person('ann', 'platform'), { action: 'ExportTable', request: request() })).toEqual({
      allowed: false,
      policyIds: ['freeze'],
    });
    await add('@id("typo") permit (principal, action, resource) when { resource.nmae == "x" };');
    expect(() => createPermit(directory)).toThrow(/typo.*nmae/s);
  });

  test.each([
    ['with a typo', '@id("typo") permit (principal, action, resource) when { resource.nmae == "x" };', /typo.*nmae/s],
    ['that do not parse', 'permit (', /own\.cedar/],
    ['without an id', 'permit (principal, action, resource);', /no @id/],
    [
      'with an id that is taken',
      '@id("platform-may-do-everything") permit (principal, action, resource);',
      /two policies/,
    ],
  ])('%s fail the start', async (_what, text, message) => {
    await add(text);
    expect(() => createPermit(directory)).toThrow(message);
  });
});
