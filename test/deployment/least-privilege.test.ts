import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Names } from '../../src/local/host/intrinsics.ts';
import { LOCAL_STAGE } from '../../src/local/host/service-host.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import type { RecordedCall } from './support/call-recorder.ts';
import { hasCommand } from './support/has-command.ts';
import { allows, described, type Grant, grantsOf } from './support/iam.ts';
import { FUNCTION_NAMES, type PackagedService, packageService } from './support/packaged-service.ts';
import { BUCKET, DATA_ACCOUNT, PLATFORM_ACCOUNT, RECORDS_TABLE, REGION, recordCalls } from './support/recorded-run.ts';
import { readTemplate } from './support/template.ts';

const TABLE_ARN = `arn:aws:dynamodb:${REGION}:${PLATFORM_ACCOUNT}:table/${RECORDS_TABLE}`;
const LOGS = `arn:aws:logs:${REGION}:${PLATFORM_ACCOUNT}:log-group:`;

const capitalised = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

/** What the template's names stand for in the run that is recorded. */
const NAMES: Names = {
  params: {},
  stage: LOCAL_STAGE,
  refs: {
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::AccountId': PLATFORM_ACCOUNT,
    WebsocketsApi: 'websocket',
  },
  attributes: {
    'RecordsTable.Arn': TABLE_ARN,
    'RecordsTable.StreamArn': `${TABLE_ARN}/stream/2026`,
    'EventBus.Arn': `arn:aws:events:${REGION}:${PLATFORM_ACCOUNT}:event-bus/outport-${LOCAL_STAGE}`,
    ...Object.fromEntries(FUNCTION_NAMES.map(capitalised).map((name) => [`${name}LogGroup.Arn`, `${LOGS}${name}:*`])),
  },
};

/** Calls that Lambda makes with a function's role. They are not the function's own, and are not seen in the run. */
const MADE_BY_LAMBDA = [
  // Writes what the function prints.
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  // The event source mapping polls the stream.
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
];

/** Resources with a `*`, and why no more is known of them when the template is written. */
const WILDCARDS: Readonly<Record<string, string>> = {
  'arn:aws:iam::*:role/OutportExport*': 'accounts to export from come and go, and their owners decide',
  [`arn:aws:execute-api:${REGION}:${PLATFORM_ACCOUNT}:websocket/local/POST/@connections/*`]:
    'a connection has a random id',
  [`arn:aws:execute-api:${REGION}:${PLATFORM_ACCOUNT}:websocket/local/DELETE/@connections/*`]:
    'a connection has a random id',
};

/** Sends the files that it was packaged with. */
const CALLS_NOTHING = ['console'];

const isOfLogStreams = ({ resource }: Grant): boolean => resource.startsWith(LOGS);

const directory = temporaryDirectory();
let service: PackagedService;
let calls: ReadonlyMap<string, readonly RecordedCall[]>;

beforeAll(async () => {
  service = await packageService(path.join(directory.path, 'package'), LOCAL_STAGE);
  calls = await recordCalls(path.join(directory.path, 'data'));
}, 180_000);

function grantsOfFunction(name: string): Grant[] {
  const logicalId = `${capitalised(name)}Role`;
  const role = service.resources[logicalId];
  if (!role) throw new Error(`there is no ${logicalId}`);
  return grantsOf(role, NAMES);
}

const ownCalls = (name: string) => (calls.get(name) ?? []).filter(({ bySession }) => !bySession);

describe.each(FUNCTION_NAMES)('the role of %s', (name) => {
  test('allows what the function does', () => {
    const grants = grantsOfFunction(name);
    const missing = ownCalls(name).filter((call) => !grants.some((grant) => allows(grant, call)));

    expect(ownCalls(name).length > 0).toBe(!CALLS_NOTHING.includes(name));
    expect([...new Set(missing.map(described))]).toEqual([]);
  });

  test('allows nothing else', () => {
    const unused = grantsOfFunction(name)
      .filter(({ action }) => !MADE_BY_LAMBDA.includes(action))
      .filter((grant) => !ownCalls(name).some((call) => allows(grant, call)));

    expect(unused.map(described)).toEqual([]);
  });

  test('names actions and resources, without a * but where AWS knows no other', () => {
    const grants = grantsOfFunction(name);
    const wild = grants.filter((grant) => grant.resource.includes('*') && !isOfLogStreams(grant));

    expect(grants.filter(({ action }) => action.includes('*'))).toEqual([]);
    expect(wild.filter(({ resource }) => !(resource in WILDCARDS)).map(described)).toEqual([]);
  });
});

describe('the role of an account whose tables are exported', () => {
  const template = 'deploy/export-role.yml';
  const parameters = {
    'AWS::Partition': 'aws',
    'AWS::AccountId': DATA_ACCOUNT,
    OutportAccountId: PLATFORM_ACCOUNT,
    OutportStack: 'outport-prod',
    ExternalId: 'agreed-on',
    BucketArns: [`arn:aws:s3:::${BUCKET}`],
    KmsKeyArns: ['arn:aws:kms:us-east-1:000000000000:key/lake'],
  };
  /** With the session that asked for the export, and only for keys of a customer's: on one machine there are none. */
  const MADE_BY_DYNAMODB = ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'];

  const role = (given: Partial<typeof parameters> & { TableArns?: string[] } = {}) => {
    const { ExportRole } = readTemplate(template, { ...parameters, ...given });
    if (!ExportRole) throw new Error('there is no ExportRole');
    return ExportRole;
  };
  const grants = (given?: Parameters<typeof role>[0]) => grantsOf(role(given), { ...NAMES, refs: {}, attributes: {} });
  const sessionCalls = () => [...calls.values()].flat().filter(({ bySession }) => bySession);

  test('allows what sessions of it do', () => {
    const missing = sessionCalls().filter((call) => !grants().some((grant) => allows(grant, call)));

    expect(sessionCalls().length).toBeGreaterThan(0);
    expect([...new Set(missing.map(described))]).toEqual([]);
  });

  test('allows nothing else', () => {
    const unused = grants()
      .filter(({ action }) => !MADE_BY_DYNAMODB.includes(action))
      .filter((grant) => !sessionCalls().some((call) => allows(grant, call)));

    expect(unused.map(described)).toEqual([]);
  });

  test('is of no use for other tables and buckets', () => {
    const orders = `arn:aws:dynamodb:${REGION}:${DATA_ACCOUNT}:table/orders`;
    const may = (action: string, resource: string, tableArns: string[]) =>
      grants({ TableArns: tableArns, BucketArns: ['arn:aws:s3:::lake', 'arn:aws:s3:::pond'] }).some((grant) =>
        allows(grant, { action, resource }),
      );

    expect(may('dynamodb:ExportTableToPointInTime', orders, [orders])).toBe(true);
    expect(may('dynamodb:ExportTableToPointInTime', `${orders}-archive`, [orders])).toBe(false);
    expect(may('s3:PutObject', 'arn:aws:s3:::pond/a', [orders])).toBe(true);
    expect(may('s3:PutObject', 'arn:aws:s3:::sea/a', [orders])).toBe(false);
  });

  test('names a bare * only for actions that know no resource, and keys only where there are any', () => {
    const bare = grants().filter(({ resource }) => resource === '*');

    expect(bare.map(({ action }) => action).sort()).toEqual([
      'cloudtrail:LookupEvents',
      'dynamodb:ListExports',
      'dynamodb:ListTables',
    ]);
    expect(grants({ KmsKeyArns: [''] }).filter(({ action }) => action.startsWith('kms:'))).toEqual([]);
  });

  test("trusts the roles of one stack of Outport's, with the external id and a name to act on behalf of", () => {
    const { Statement } = role().Properties.AssumeRolePolicyDocument;
    const ArnLike = { 'aws:PrincipalArn': `arn:aws:iam::${PLATFORM_ACCOUNT}:role/outport-prod-*` };
    const [assume, setSourceIdentity, tag] = Statement;

    expect(Statement).toHaveLength(3);
    expect(assume).toMatchObject({
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': 'agreed-on' }, ArnLike, Null: { 'sts:SourceIdentity': 'false' } },
    });
    expect(setSourceIdentity).toMatchObject({ Action: 'sts:SetSourceIdentity', Condition: { ArnLike } });
    expect(tag).toMatchObject({
      Action: 'sts:TagSession',
      Condition: { ArnLike, 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } },
    });
  });

  test.skipIf(!hasCommand('cfn-lint'))('passes cfn-lint (skipped where it is not installed)', () => {
    expect(() => execFileSync('cfn-lint', ['--regions', REGION, '--template', template])).not.toThrow();
  });
});
