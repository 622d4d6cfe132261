import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'rolldown';
import { FUNCTION_NAMES, filesIn, packageService, unpack } from '../../deployment/support/packaged-service.ts';

const CLIENT_VERSION = '4.0.2';
const CLIENT_FOLDER = path.resolve('build/runtime-interface-client');

/** Packages the functions, unpacks each where there is nothing else, and tells the tests to run those. */
export default async function prepare(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'outport-packages-'));
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const service = await packageService(path.join(directory, 'archives'), 'local');
  for (const name of FUNCTION_NAMES) {
    const archive = await service.archive(name);
    await unpack(archive, path.join(directory, 'functions', name));
    const files = filesIn(archive).filter((file) => !file.name.endsWith('.wasm'));
    const kilobytes = files.reduce((total, { compressedBytes }) => total + compressedBytes, 0) / 1024;
    console.log(`${name}: ${archive.length} bytes, ${kilobytes.toFixed(1)} KB of them without Cedar's WebAssembly`);
  }
  await build({
    input: 'test/packaged/support/serve.ts',
    platform: 'node',
    external: [/^[^./]/],
    output: { file: 'build/test/packaged-outport.mjs', format: 'esm', codeSplitting: false },
  });
  process.env.OUTPORT_PACKAGES = path.join(directory, 'functions');
  process.env.OUTPORT_RUNTIME_CLIENT = runtimeClient();
  process.env.OUTPORT_SERVE = path.resolve('build/test/packaged-outport.mjs');
  return () => rm(directory, { recursive: true, force: true });
}

/** AWS's runtime interface client, which is compiled once, or our own bootstrap where it cannot be. */
function runtimeClient(): string {
  const client = path.join(CLIENT_FOLDER, 'node_modules/aws-lambda-ric/index.mjs');
  if (!existsSync(client)) {
    console.log('Installing aws-lambda-ric, which takes a minute once.');
    mkdirSync(CLIENT_FOLDER, { recursive: true });
    try {
      const install = ['install', '--prefix', CLIENT_FOLDER, '--no-audit', '--no-fund'];
      execFileSync('npm', [...install, `aws-lambda-ric@${CLIENT_VERSION}`], { stdio: 'ignore' });
    } catch {
      console.log('It could not be built, which takes cmake, g++ and make: a bootstrap of our own runs the functions.');
      return path.resolve('test/packaged/support/bootstrap.mjs');
    }
  }
  return client;
}
