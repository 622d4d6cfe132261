import { execFileSync } from 'node:child_process';
import { utimes } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { hasCommand } from './support/has-command.ts';
import { FUNCTION_NAMES, filesIn, type PackagedService, packageService } from './support/packaged-service.ts';

/** Of a function's archive, its policies included and the WebAssembly of Cedar not. */
const ARCHIVE_BYTES_MAX = 350 * 1024;
/** Of what browsers load from it, two thirds are GraphiQL, for those who turn it on. */
const CONSOLE_BYTES_MAX = 1024 * 1024;

const directory = temporaryDirectory();
let service: PackagedService;

beforeAll(async () => {
  service = await packageService(directory.path);
});

describe('serverless package', () => {
  test('packages every function, offline, for the newest runtime on arm64, with a role of its own', () => {
    const functions = service.ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    const roles = functions.map(({ Role }) => JSON.stringify(Role));

    expect(functions).toHaveLength(FUNCTION_NAMES.length);
    for (const properties of functions) {
      expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    }
    expect(new Set(roles).size).toBe(FUNCTION_NAMES.length);
    expect(service.ofType('AWS::IAM::Role')).toHaveLength(FUNCTION_NAMES.length);
  });

  test.each(FUNCTION_NAMES)('keeps %s small', async (name) => {
    const files = filesIn(await service.archive(name));
    const counted = files.filter((file) => !file.name.endsWith('.wasm'));

    expect(files.length - counted.length).toBe(name === 'console' ? 0 : 1);
    const compressedBytes = counted.reduce((total, file) => total + file.compressedBytes, 0);
    expect(compressedBytes).toBeLessThan(name === 'console' ? CONSOLE_BYTES_MAX : ARCHIVE_BYTES_MAX);
  });

  test('tells the secrets of webhooks to the function that sends to them, and to no other', () => {
    const knowing = service
      .ofType('AWS::Lambda::Function')
      .filter(([, { Properties }]) => 'OUTPORT_WEBHOOK_SECRETS' in (Properties.Environment?.Variables ?? {}));

    expect(knowing.map(([name]) => name)).toEqual(['ReconcileLambdaFunction']);
  });

  test('makes the same archives of the same sources, whenever they were written', async () => {
    const { archiveOf } = await import(path.resolve('build-archives.mjs'));
    const now = new Date();
    for (const { name } of filesIn(await service.archive('publish'))) await utimes(name, now, now);

    expect(Buffer.from(archiveOf(['build/publish'])).equals(await service.archive('publish'))).toBe(true);
  });

  test('invokes functions from the stream as the host does', () => {
    const mappings = service.ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);

    expect(mappings).toHaveLength(2);
    for (const mapping of mappings) {
      expect(mapping).toMatchObject({
        EventSourceArn: { 'Fn::GetAtt': ['RecordsTable', 'StreamArn'] },
        StartingPosition: 'TRIM_HORIZON',
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRetryAttempts: expect.any(Number),
      });
      expect(mapping.FilterCriteria.Filters).not.toEqual([]);
      for (const { Pattern } of mapping.FilterCriteria.Filters) {
        expect(Pattern).toContain('"NewImage":{"kind":{"S":[');
        // Unquoted, the type NULL of an attribute is YAML's null, and nothing ever matches.
        expect(Pattern).not.toContain('"null"');
      }
    }
  });

  test('protects the table, bills what is used, and lets records expire', () => {
    expect(service.resources.RecordsTable).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      },
    });
  });

  test('sends no traces unless it is asked to', () => {
    const functions = service.ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties);

    for (const { TracingConfig } of functions) expect(TracingConfig).toEqual({ Mode: 'PassThrough' });
    expect(service.resources.TracingPolicy).toMatchObject({
      Condition: 'IsTraced',
      Properties: { Roles: service.ofType('AWS::IAM::Role').map(([Ref]) => ({ Ref })) },
    });
  });

  test('keeps logs for a while only', () => {
    const groups = service.ofType('AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);

    expect(groups).toHaveLength(FUNCTION_NAMES.length);
    for (const group of groups) expect(group.RetentionInDays).toBe(90);
  });

  test.skipIf(!hasCommand('cfn-lint'))('passes cfn-lint (skipped where it is not installed)', () => {
    const lint = () =>
      execFileSync('cfn-lint', ['--ignore-checks', 'W', '--regions', 'us-east-1', '--template', service.templateFile]);
    expect(lint).not.toThrow();
  });
});
