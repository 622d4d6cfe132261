import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ClassicLevel } from 'classic-level';
import { rolldown } from 'rolldown';
import { expect, it, onTestFinished } from 'vitest';
import { startDataPlane } from '../../support/data-plane.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { filesBelow } from './support/files.ts';
import { bytesOf } from './support/s3.ts';
import { s3OfPlane } from './support/s3-of-plane.ts';

const folder = temporaryDirectory();
const builds = fileURLToPath(new URL('../../../build/test', import.meta.url));
const Bucket = 'crashed';
const WRITERS = 8;
/** Acknowledged writes before each kill; what else the process is doing then is up to the machine. */
const ROUNDS = [1, 60, 7, 33, 100];

/** What a writer's object may be: as it was last acknowledged, or as it was being made. */
interface Writer {
  readonly key: string;
  acknowledged: number;
  attempted: number;
}

/** Versions divisible by five are deletions. Sizes reach from nothing to several chunks. */
const isDeletion = (version: number) => version % 5 === 0;
const bodyOf = (key: string, version: number) => bytesOf((version * 37_123) % 300_000, key.charCodeAt(1) + version);

const clientOf = (endpoint: string) =>
  new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: '111111111111', secretAccessKey: 'outport' },
    maxAttempts: 1,
  });

it('A process killed at any moment leaves every object as it was acknowledged, and no other file', async () => {
  const directory = path.join(folder.path, 'plane');
  const program = await bundle();
  onTestFinished(() => rm(program));
  const writers: Writer[] = Array.from({ length: WRITERS }, (_, i) => ({
    key: `w${i}/data~1.json.gz`,
    acknowledged: 0,
    attempted: 0,
  }));
  for (const acknowledgements of ROUNDS) {
    await writeUntilKilled(program, directory, writers, acknowledgements);
    await verify(directory, writers);
  }
});

/** Within the project, from where the program finds its packages. */
async function bundle(): Promise<string> {
  const file = path.join(builds, `serving-process-${process.pid}.mjs`);
  const input = fileURLToPath(new URL('./support/serving-process.ts', import.meta.url));
  const bundle = await rolldown({ input, platform: 'node', external: [/^[^./]/] });
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  return file;
}

async function writeUntilKilled(program: string, directory: string, writers: Writer[], acknowledgements: number) {
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: endpoint = '' } = await lines.next();
  const client = clientOf(endpoint);
  await client.send(new CreateBucketCommand({ Bucket }));
  let count = 0;
  await Promise.all(
    writers.map(async (writer) => {
      while (child.exitCode === null && child.signalCode === null) {
        writer.attempted = writer.acknowledged + 1;
        try {
          await write(client, writer.key, writer.attempted);
        } catch {
          return; // Killed meanwhile.
        }
        writer.acknowledged = writer.attempted;
        count += 1;
        if (count === acknowledgements) child.kill('SIGKILL');
      }
    }),
  );
  expect(await exited).toEqual([null, 'SIGKILL']);
  client.destroy();
}

const write = async (client: S3Client, Key: string, version: number) => {
  if (isDeletion(version)) await client.send(new DeleteObjectCommand({ Bucket, Key }));
  else await client.send(new PutObjectCommand({ Bucket, Key, Body: bodyOf(Key, version) }));
};

async function verify(directory: string, writers: Writer[]): Promise<void> {
  const plane = await startDataPlane({ directory, services: s3OfPlane });
  const client = clientOf(plane.endpoint);
  try {
    for (const writer of writers) {
      const found = await read(client, writer.key);
      const possible = [writer.acknowledged, writer.attempted];
      const matching = possible.find((version) => {
        if (version === 0 || isDeletion(version)) return found === undefined;
        return found?.equals(bodyOf(writer.key, version));
      });
      expect(matching, `${writer.key} is neither of the versions ${possible}`).toBeDefined();
      writer.acknowledged = matching ?? 0;
    }
    const { KeyCount } = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(await filesBelow(path.join(directory, 's3'))).toHaveLength(KeyCount ?? 0);
  } finally {
    client.destroy();
    await plane.close();
  }
  const database = new ClassicLevel<string, string>(path.join(directory, 'store'));
  const left = await database.sublevel(['s3', 'unreferenced']).keys().all();
  await database.close();
  expect(left).toEqual([]);
}

async function read(client: S3Client, Key: string): Promise<Buffer | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
}
