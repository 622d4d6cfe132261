import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { startEndpoint } from '../../src/local/aws/endpoint.ts';
import type { AwsService } from '../../src/local/aws/service.ts';
import type { ServiceName } from '../../src/local/aws/wire.ts';
import { openCloudTrail } from '../../src/local/cloudtrail/index.ts';
import { openDataPlane } from '../../src/local/data-plane.ts';
import { openSts } from '../../src/local/sts/index.ts';

type Started = AwsService & { close?(): Promise<void> };

interface DataPlaneParts {
  readonly database: ClassicLevel<string, string>;
  readonly directory: string;
  readonly now: () => number;
}

export interface DataPlaneOptions {
  /** Kept at close when given; otherwise a temporary folder that goes away. */
  readonly directory?: string;
  readonly verifySignatures?: boolean;
  readonly faultsFile?: string;
  readonly now?: () => number;
  /** What to start instead of DynamoDB and S3, to test a service or the endpoint on its own. */
  readonly services?: (parts: DataPlaneParts) => Promise<Partial<Record<ServiceName, Started>>>;
}

export interface TestDataPlane {
  readonly endpoint: string;
  readonly directory: string;
  readonly database: ClassicLevel<string, string>;
  close(): Promise<void>;
}

/** Bundled by `test/support/build.ts`: a worker thread cannot run TypeScript. */
const WORKER_FILE = new URL('../../build/cli/export-worker.mjs', import.meta.url);

/** The embedded data plane inside the test's own process, on a free port. */
export async function startDataPlane(options: DataPlaneOptions = {}): Promise<TestDataPlane> {
  const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), 'outport-test-')));
  const { now = Date.now, verifySignatures, faultsFile, services } = options;
  const plane = services
    ? await startServices(services, { ...options, directory, now })
    : await openDataPlane({ directory, port: 0, verifySignatures, faultsFile, workerFile: WORKER_FILE, now });
  return {
    endpoint: plane.endpoint,
    directory,
    database: plane.database,
    async close() {
      await plane.close();
      if (!options.directory) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function startServices(
  open: NonNullable<DataPlaneOptions['services']>,
  { directory, now, verifySignatures }: DataPlaneOptions & { directory: string; now: () => number },
): Promise<Omit<TestDataPlane, 'directory'>> {
  const database = new ClassicLevel<string, string>(path.join(directory, 'store'));
  await database.open();
  const sts = openSts({ database, now });
  const cloudtrail = openCloudTrail({ database, now });
  const services: Partial<Record<ServiceName, Started>> = {
    sts,
    cloudtrail,
    ...(await open({ database, directory, now })),
  };
  const endpoint = await startEndpoint({
    services,
    sessions: sts.sessions,
    recorder: cloudtrail.recorder,
    port: 0,
    verifySignatures,
    now,
  });
  return {
    endpoint: endpoint.url,
    database,
    async close() {
      await endpoint.close();
      for (const service of Object.values(services)) await service.close?.();
      await database.close();
    },
  };
}
