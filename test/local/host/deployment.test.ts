import { execFile, execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is as deep as CloudFormation's own schema
  readonly Properties: any;
}

const directory = temporaryDirectory();
let templateFile: string;
let resources: Readonly<Record<string, Resource>>;

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [
    'node_modules/serverless/bin/serverless.js',
    'package',
    '--package',
    directory.path,
  ]);
  templateFile = path.join(directory.path, 'cloudformation-template-update-stack.json');
  resources = JSON.parse(await readFile(templateFile, 'utf8')).Resources;
});

const ofType = (type: string) => Object.entries(resources).filter(([, { Type }]) => Type === type);

const statements = (): Statement[] =>
  ofType('AWS::IAM::Role').flatMap(([, { Properties }]) =>
    Properties.Policies.flatMap(
      (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
    ),
  );

describe('serverless package', () => {
  test('packages every function, offline, with a role of its own', async () => {
    const roles = ofType('AWS::Lambda::Function').map(([, { Properties }]) => JSON.stringify(Properties.Role));

    expect(roles).toHaveLength(4);
    expect(new Set(roles).size).toBe(4);
    expect(ofType('AWS::IAM::Role')).toHaveLength(4);
  });

  test('grants no wildcard action, and no resource that is a wildcard alone', () => {
    const actions = statements().flatMap(({ Action }) => Action);

    expect(actions.length).toBeGreaterThan(10);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    expect(statements().filter(({ Resource }) => [Resource].flat().includes('*'))).toEqual([]);
  });

  test('invokes functions from the stream as the host does', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);

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
      for (const { Pattern } of mapping.FilterCriteria.Filters) expect(Pattern).toContain('EXPORT');
    }
  });

  test('protects the table', () => {
    expect(resources.RecordsTable).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
      },
    });
  });

  test.skipIf(!hasCfnLint())('passes cfn-lint (skipped where it is not installed)', () => {
    const lint = () =>
      execFileSync('cfn-lint', ['--ignore-checks', 'W', '--regions', 'us-east-1', '--template', templateFile]);
    expect(lint).not.toThrow();
  });
});

function hasCfnLint(): boolean {
  try {
    execFileSync('cfn-lint', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
