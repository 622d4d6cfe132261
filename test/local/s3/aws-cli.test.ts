import { execFile, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { bytesOf, OWNER, useS3 } from './support/s3.ts';

const run = promisify(execFile);
const hasCli = spawnSync('aws', ['--version']).status === 0;
if (!hasCli) console.warn('SKIPPED: there is no AWS CLI on the PATH, so S3 is not tried with it.');

describe.skipIf(!hasCli)('The AWS CLI', () => {
  const s3 = useS3({ verifySignatures: true });
  const scratch = temporaryDirectory();
  const inScratch = (name: string) => path.join(scratch.path, name);

  async function aws(...words: string[]): Promise<string> {
    const { stdout } = await run('aws', ['--endpoint-url', s3.endpoint, ...words], {
      env: {
        PATH: process.env.PATH,
        HOME: scratch.path,
        AWS_DEFAULT_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: OWNER,
        AWS_SECRET_ACCESS_KEY: 'outport',
        AWS_PAGER: '',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
    return stdout;
  }

  it('makes a bucket, copies files there and back, in parts and whole, lists, syncs and removes', async () => {
    await aws('s3', 'mb', 's3://cli-bucket');
    expect(await aws('s3', 'ls')).toMatch(/ cli-bucket\n$/);

    const large = bytesOf(18 * 1024 * 1024);
    await writeFile(inScratch('large.bin'), large);
    await writeFile(inScratch('a b+ü.txt'), 'small');
    await aws('s3', 'cp', inScratch('large.bin'), 's3://cli-bucket/dir/large.bin', '--no-progress');
    await aws('s3', 'cp', inScratch('a b+ü.txt'), 's3://cli-bucket/dir/a b+ü.txt', '--no-progress');
    await aws('s3', 'cp', 's3://cli-bucket/dir/large.bin', 's3://cli-bucket/dir/copied.bin', '--no-progress');

    const listing = await aws('s3', 'ls', '--recursive', '--summarize', 's3://cli-bucket');
    expect(listing).toMatch(/ 5 dir\/a b\+ü\.txt\n.* 18874368 dir\/copied\.bin\n.* 18874368 dir\/large\.bin\n/);
    expect(listing).toContain('Total Objects: 3');
    expect(await aws('s3', 'ls', 's3://cli-bucket')).toMatch(/PRE dir\/\n$/);

    await aws('s3', 'sync', 's3://cli-bucket/dir', inScratch('synced'), '--no-progress');
    expect((await readFile(inScratch('synced/copied.bin'))).equals(large)).toBe(true);
    expect(await readFile(inScratch('synced/a b+ü.txt'), 'utf8')).toBe('small');

    await aws('s3', 'rm', '--recursive', 's3://cli-bucket/dir');
    await aws('s3', 'rb', 's3://cli-bucket');
    expect(await aws('s3', 'ls')).toBe('');
  }, 240_000);

  it('is told what went wrong in S3’s words', async () => {
    await expect(aws('s3', 'ls', 's3://no-such-bucket')).rejects.toThrow(
      'An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist',
    );
    await expect(aws('s3api', 'create-bucket', '--bucket', 'cli-unconstrained')).rejects.toThrow(
      '(IllegalLocationConstraintException) when calling the CreateBucket operation: The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
    );
    await expect(aws('s3api', 'head-object', '--bucket', 'no-such-bucket', '--key', 'k')).rejects.toThrow('(404)');
  });
});
