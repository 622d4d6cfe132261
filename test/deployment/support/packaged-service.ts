import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';

/** A resource of a CloudFormation template. */
export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is as deep as CloudFormation's own schema
  readonly Properties: any;
}

/** What `serverless package` leaves behind. */
export interface PackagedService {
  /** The template that a deployment applies. */
  readonly templateFile: string;
  readonly resources: Readonly<Record<string, Resource>>;
  ofType(type: string): Array<[logicalId: string, resource: Resource]>;
  /** The archive that is uploaded as a function. */
  archive(functionName: string): Promise<Buffer>;
}

export const FUNCTION_NAMES = ['graphql', 'console', 'websocket', 'reconcile', 'publish'];

/** Packages the service as `npm run package` does, into a folder of its own. */
export async function packageService(directory: string, stage = 'dev'): Promise<PackagedService> {
  await promisify(execFile)(process.execPath, [
    'node_modules/serverless/bin/serverless.js',
    'package',
    '--package',
    directory,
    '--stage',
    stage,
  ]);
  const templateFile = path.join(directory, 'cloudformation-template-update-stack.json');
  const resources: PackagedService['resources'] = JSON.parse(await readFile(templateFile, 'utf8')).Resources;
  return {
    templateFile,
    resources,
    ofType: (type) => Object.entries(resources).filter(([, { Type }]) => Type === type),
    archive: (functionName) => readFile(`build/${functionName}.zip`),
  };
}

export interface PackagedFile {
  readonly name: string;
  /** In the archive. */
  readonly compressedBytes: number;
}

/** What is in an archive, without unpacking it. */
export function filesIn(archive: Uint8Array): PackagedFile[] {
  const files: PackagedFile[] = [];
  unzipSync(archive, {
    filter: ({ name, size }) => {
      files.push({ name, compressedBytes: size });
      return false;
    },
  });
  return files;
}

/** Unpacks an archive as Lambda does: into a folder in which there is nothing else. */
export async function unpack(archive: Uint8Array, directory: string): Promise<void> {
  for (const [name, content] of Object.entries(unzipSync(archive))) {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
