import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExportFieldsFragment } from '../../src/client/index.ts';
import type { RecordsTable } from '../../src/records/table.ts';
import { exportFailed, exportInProgress, recordsTableOf, writeMove } from '../support/export-moves.ts';
import { createOrders, LAKE, ordersArn } from '../support/orders.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type Command, commandWith } from './support/command.ts';

const folder = temporaryDirectory();
let outport: OutportProcess;
let records: RecordsTable;
let developer: Command;
let stranger: Command;
let patient: Command;

beforeAll(async () => {
  outport = await startOutport({ params: { quotas: JSON.stringify([{ team: 'waiting', maxExports: 0 }]) } });
  records = recordsTableOf(outport);
  await createOrders(outport);
  const as = (OUTPORT_TOKEN: string) => commandWith(folder.path, { OUTPORT_URL: outport.graphqlUrl, OUTPORT_TOKEN });
  developer = as(outport.token);
  stranger = as(await outport.mint({ subject: 'eve', teams: ['marketing'] }));
  patient = as(await outport.mint({ subject: 'patient', teams: ['waiting', 'platform'] }));
});
afterAll(async () => {
  records.client.destroy();
  await outport.stop();
});

const START = ['exports', 'start', ordersArn(), '--bucket', LAKE];

describe('outport exports start', () => {
  test('starts an export and says which', async () => {
    const { code, stdout, stderr } = await developer.run(...START, '--prefix', 'a/');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Export +exp_\w{26}$/m);
    expect(stdout).toMatch(/^Files +s3:\/\/lake\/a\//m);
  });

  test('waits until it has ended', async () => {
    const { code, stdout, stderr } = await developer.run(...START, '--wait', '--timeout', '60s');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Status +COMPLETED, 3 items, \d+ files, [\d.]+ \w+$/m);
    expect(stdout).not.toContain('\r');
  });

  test('says on Ctrl-C that the export goes on, and how to follow it', async () => {
    const { id } = await patient.json<ExportFieldsFragment>(...START, '--client-token', 'interrupted');
    const watching = patient.start('exports', 'watch', id);
    const said = text(watching.stderr);
    await once(watching.stdout, 'data');
    watching.kill('SIGINT');
    const [code] = await once(watching, 'close');

    expect(code).toBe(130);
    expect(await said).toBe(`outport: Export ${id} goes on. Follow it again: outport exports watch ${id}\n`);
    await patient.run('exports', 'cancel', id);
  });

  test('gives the same export for the same client token', async () => {
    const args = [...START, '--client-token', 'once'];
    const first = await developer.json<ExportFieldsFragment>(...args);
    const again = await developer.json<ExportFieldsFragment>(...args);

    expect(again.id).toBe(first.id);
    expect(first.clientToken).toBe('once');
  });

  test('takes everything that the API takes', async () => {
    const options = ['--at', '-0s', '--format', 'ION', '--filter', '#t > :t', '--names', '{"#t":"total"}'];
    const started = await developer.json<ExportFieldsFragment>(...START, ...options, '--values', '{":t":{"N":"1"}}');

    expect(started).toMatchObject({
      exportFormat: 'ION',
      exportTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/),
      filter: { filterExpression: '#t > :t', expressionAttributeValues: { ':t': { N: '1' } } },
    });
  });

  test('finds a table by its name, where there is one', async () => {
    const place = ['--account', '000000000000', '--region', 'us-east-1'];
    const found = await developer.run('exports', 'start', 'orders', '--bucket', LAKE, ...place);
    const missing = await developer.run('exports', 'start', 'order', '--bucket', LAKE, ...place);

    expect(found.code).toBe(0);
    expect(missing).toMatchObject({
      code: 1,
      stderr:
        'outport: There is no table "order" that you may see.\nSee "outport tables", or name the table by its ARN.\n',
    });
  });

  test('says what is wrong and what to do', async () => {
    const { code, stdout, stderr } = await developer.run('exports', 'start', ordersArn(), '--bucket', 'no-such-bucket');

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^outport: .*no-such-bucket.*\n.*bucket.*\n$/);
  });

  test('ends with 5 when it is not permitted, and says so as JSON when JSON is asked for', async () => {
    const { code, stderr } = await stranger.run(...START, '--output', 'json');

    expect(code).toBe(5);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'PERMISSION_DENIED',
        message: expect.stringContaining('ExportTable is not permitted'),
        remedy: expect.stringContaining('policy'),
      },
    });
  });

  test('checks a request without starting anything', async () => {
    const before = await developer.json<unknown[]>('exports', 'list');
    const good = await developer.run(...START, '--check');
    const bad = await developer.run('exports', 'start', ordersArn(), '--bucket', 'no-such-bucket', '--check');
    const denied = await stranger.run(...START, '--check');

    expect(good).toMatchObject({ code: 0, stdout: expect.stringMatching(/^BUCKET_ACCESS +PASSED/m), stderr: '' });
    expect(bad).toMatchObject({ code: 1, stdout: expect.stringMatching(/^BUCKET +FAILED/m) });
    expect(denied.code).toBe(5);
    expect(await developer.json<unknown[]>('exports', 'list')).toHaveLength(before.length);
  });
});

describe('outport exports watch', () => {
  test('prints each change until the export has ended', async () => {
    const { id } = await developer.json<ExportFieldsFragment>(...START);
    const { code, stdout, stderr } = await developer.run('exports', 'watch', id);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\S+Z {2}COMPLETED, 3 items/);
  });

  test('ends with 3 when the export failed', async () => {
    await writeMove(records, exportFailed('exp_failed', 2));

    expect(await developer.run('exports', 'watch', 'exp_failed')).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/FAILED: S3_NO_SUCH_BUCKET\n$/),
      stderr: 'outport: Export exp_failed is FAILED: gone\nCreate the bucket.\n',
    });
  });

  test('ends with 4 when the time is up', async () => {
    await writeMove(records, exportInProgress('exp_slow', 1));
    const { code, stderr } = await developer.run('exports', 'watch', 'exp_slow', '--timeout', '1s');

    expect(code).toBe(4);
    expect(stderr).toContain('has not ended within 1 s: it is IN_PROGRESS');
  });

  test('ends with 1 when there is none', async () => {
    const { code, stderr } = await developer.run('exports', 'watch', 'exp_none');

    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('no export "exp_none"') });
  });
});

describe('outport exports list and show', () => {
  test('list what fits, in either order', async () => {
    const { id } = await developer.json<ExportFieldsFragment>(...START, '--wait');
    const newest = await developer.json<ExportFieldsFragment[]>(
      'exports',
      'list',
      '--limit',
      '1',
      '--team',
      'platform',
    );
    const oldest = await developer.json<ExportFieldsFragment[]>('exports', 'list', '--oldest-first');
    const none = await developer.run('exports', 'list', '--before', '2020-01-01', '--status', 'FAILED');

    expect(newest.map((each) => each.id)).toEqual([id]);
    expect(oldest.at(-1)?.id).toBe(id);
    expect(none).toEqual({ code: 0, stdout: 'ID  STATUS  TABLE  TYPE  BY  REQUESTED  ITEMS\n', stderr: '' });
  });

  test('show one, or say that there is none', async () => {
    const { id } = await developer.json<ExportFieldsFragment>(...START, '--wait');

    expect((await developer.run('exports', 'show', id)).stdout).toMatch(
      /^Verification +VERIFIED, \d+ files compared$/m,
    );
    expect(await developer.json('exports', 'show', id)).toMatchObject({ id, status: 'COMPLETED' });
    expect((await stranger.run('exports', 'show', id)).code).toBe(1);
  });
});

describe('outport exports verify', () => {
  test('reads every file and says what was found', async () => {
    const { id } = await developer.json<ExportFieldsFragment>(...START, '--wait');
    const { code, stdout } = await developer.run('exports', 'verify', id, '--deep');

    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^VERIFIED, \d+ files read, 3 items/),
    });
    expect((await stranger.run('exports', 'verify', id)).code).toBe(1);
  });

  test('ends with 3 when files are not as they should be', async () => {
    const { id, exportManifest } = await developer.json<ExportFieldsFragment>(...START, '--wait');
    const s3 = new S3Client({
      region: 'us-east-1',
      endpoint: outport.awsEndpoint,
      forcePathStyle: true,
      credentials: { accessKeyId: '000000000000', secretAccessKey: 'outport' },
    });
    const Key = exportManifest?.replace('manifest-summary.json', 'manifest-files.json');
    await s3.send(new DeleteObjectCommand({ Bucket: LAKE, Key }));
    s3.destroy();
    const { code, stdout, stderr } = await developer.run('exports', 'verify', id);

    expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining('MISMATCH') });
    expect(stderr).toContain('Do not use them');
  });
});

describe('outport exports cancel and retry', () => {
  test('take an export out of the queue, once', async () => {
    const { id } = await patient.json<ExportFieldsFragment>(...START);
    const canceled = await patient.run('exports', 'cancel', id);

    expect(canceled).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Status +CANCELED$/m) });
    expect((await patient.run('exports', 'watch', id)).code).toBe(3);
  });

  test('do not cancel what has ended', async () => {
    const { id } = await developer.json<ExportFieldsFragment>(...START, '--wait');

    expect(await developer.run('exports', 'cancel', id)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Export ${id} is COMPLETED: it has ended.`),
    });
    expect((await stranger.run('exports', 'cancel', id)).stderr).toContain('There is no export');
  });

  test('ask again for what failed', async () => {
    await writeMove(records, exportFailed('exp_again', 2));
    const { code, stdout } = await developer.run('exports', 'retry', 'exp_again', '--wait');

    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Retry of +exp_again$/m) });
  });
});

describe('outport exports ddl', () => {
  test('prints what reads the files', async () => {
    const { id } = await developer.json<ExportFieldsFragment>(...START, '--wait');
    const { code, stdout } = await developer.run('exports', 'ddl', id);

    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('CREATE EXTERNAL TABLE') });
    expect((await developer.run('exports', 'ddl', id, '--tool', 'DUCKDB')).stdout).toContain('SELECT');
  });

  test('says why there is nothing', async () => {
    await writeMove(records, exportInProgress('exp_unfinished', 1));

    expect(await developer.run('exports', 'ddl', 'exp_unfinished')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('It is IN_PROGRESS'),
    });
  });
});

describe('outport tables, limits and audit', () => {
  test('list tables with what can be exported of them', async () => {
    await developer.run(...START, '--wait');

    expect((await developer.run('tables', '--name-begins-with', 'ord')).stdout).toMatch(
      /^TABLE .*EXPORTABLE FROM\norders +000000000000 +us-east-1 +3 +[\d.]+ \w+ +\d{4}-\d\d-\d\dT.*Z\n$/,
    );
    expect(await developer.json('tables', '--account', '000000000000', '--region', 'us-east-1')).toMatchObject([
      { tableArn: ordersArn() },
    ]);
    expect(await developer.run('tables', '--region', 'eu-north-1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Name both, --account'),
    });
  });

  test('show limits and quotas', async () => {
    const { stdout } = await patient.run('limits', '--account', '000000000000', '--region', 'us-east-1');

    expect(stdout).toMatch(/^000000000000 +us-east-1 +everybody +exports in flight +\d+ +300$/m);
    expect(stdout).toMatch(/^000000000000 +us-east-1 +team waiting +exports in flight +0 +0$/m);
  });

  test('tell the story of an export', async () => {
    const { id } = await developer.json<ExportFieldsFragment>(...START, '--wait');
    const { stdout } = await developer.run('audit', 'list', '--export', id, '--oldest-first');

    expect(stdout).toMatch(/REQUESTED +ALLOW +orders/);
    expect(stdout.trimEnd().split('\n').at(-1)).toContain('COMPLETED');
    expect(
      await developer.json('audit', 'list', '--outcome', 'REFUSED', '--principal', 'eve', '--limit', '1'),
    ).toHaveLength(1);
  });
});

test('an Outport that cannot be reached is an error', async () => {
  const { code, stderr } = await developer.run('exports', 'list', '--url', 'http://127.0.0.1:1/graphql');

  expect(code).toBe(1);
  expect(stderr).toMatch(/^outport: http:\/\/127\.0\.0\.1:1\/graphql cannot be reached: .+\nCheck the address/);
});

test('a token that is not taken is an error', async () => {
  const { code, stderr } = await developer.run('exports', 'list', '--token', 'forged');

  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('sign in again') });
});
