import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDataPlane } from '../../support/data-plane.ts';

const run = promisify(execFile);
const hasCli = spawnSync('aws', ['--version']).status === 0;
if (!hasCli) console.warn('SKIPPED: there is no AWS CLI on the PATH, so nothing is shown of how it gets along here.');

describe.skipIf(!hasCli)('the AWS CLI, with its signatures verified', () => {
  let plane: Awaited<ReturnType<typeof startDataPlane>>;
  let scratch: string;

  beforeAll(async () => {
    plane = await startDataPlane({ verifySignatures: true });
    scratch = await mkdtemp(path.join(tmpdir(), 'outport-cli-'));
    // Version 1 of the CLI presigns with SigV2 otherwise, which S3 refuses in all but its oldest Regions.
    await writeFile(path.join(scratch, 'config'), '[default]\ns3 =\n  signature_version = s3v4\n');
  });
  afterAll(async () => {
    await plane.close();
    await rm(scratch, { recursive: true });
  });

  async function aws(words: string, session: Record<string, string> = {}): Promise<string> {
    const { stdout } = await run('aws', ['--endpoint-url', plane.endpoint, ...words.split(' ')], {
      env: {
        PATH: process.env.PATH,
        HOME: scratch,
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_CONFIG_FILE: path.join(scratch, 'config'),
        AWS_ACCESS_KEY_ID: '111122223333',
        AWS_SECRET_ACCESS_KEY: 'outport',
        AWS_PAGER: '',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...session,
      },
    });
    return stdout;
  }

  test('assumes a role and acts as its session', async () => {
    const role = 'arn:aws:iam::222233334444:role/exporter';
    const { Credentials } = JSON.parse(
      await aws(`sts assume-role --role-arn ${role} --role-session-name cli --output json`),
    );
    const identity = await aws('sts get-caller-identity --query Arn --output text', {
      AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials.SessionToken,
    });
    expect(identity.trim()).toBe('arn:aws:sts::222233334444:assumed-role/exporter/cli');
  });

  test('is told when its secret is wrong', async () => {
    const wrong = { AWS_SECRET_ACCESS_KEY: 'guessed' };
    await expect(aws('sts get-caller-identity', wrong)).rejects.toThrow(/\(SignatureDoesNotMatch\)/);
    await expect(aws('dynamodb list-tables', wrong)).rejects.toThrow(/\(InvalidSignatureException\)/);
    await expect(aws('s3api list-buckets', wrong)).rejects.toThrow(/\(SignatureDoesNotMatch\)/);
  });

  test('works with objects whose keys need encoding, and with presigned URLs', async () => {
    const file = path.join(scratch, 'up.txt');
    await writeFile(file, 'content');
    await aws('s3 mb s3://cli-bucket');
    const key = 'a+b/ü(1)=~.txt';
    await aws(`s3 cp ${file} s3://cli-bucket/${key}`);
    expect(await aws('s3 ls --recursive s3://cli-bucket')).toContain(key);
    await aws(`s3 cp s3://cli-bucket/${key} ${file}.down`);
    expect(await readFile(`${file}.down`, 'utf8')).toBe('content');
    const url = (await aws(`s3 presign s3://cli-bucket/${key}`)).trim();
    expect(await (await fetch(url)).text()).toBe('content');
  });

  test('finds its calls, page by page', async () => {
    for (const _ of [1, 2, 3]) await aws('dynamodb list-tables');
    const filter = 'AttributeKey=EventName,AttributeValue=ListTables';
    const found = await aws(
      `cloudtrail lookup-events --lookup-attributes ${filter} --page-size 1 --query Events[].[EventName,Username] --output text`,
    );
    const served = found.split('\n').filter((line) => line === 'ListTables\troot');
    expect(served).toHaveLength(3);
  });
});
