import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { startEndpoint } from '../../src/local/aws/endpoint.ts';
import type { AwsService } from '../../src/local/aws/service.ts';
import type { ServiceName } from '../../src/local/aws/wire.ts';
import { openCloudTrail } from '../../src/local/cloudtrail/index.ts';
import { openSts } from '../../src/local/sts/index.ts';

type Started = AwsService & { close?(): Promise<void> };

export interface DataPlaneParts {
  readonly database: ClassicLevel<string, string>;
  readonly directory: string;
  readonly now: () => number;
}

export interface DataPlaneOptions {
  /** Kept at close when given; otherwise a temporary folder that goes away. */
  readonly directory?: string;
  readonly verifySignatures?: boolean;
  readonly now?: () => number;
  /** The services to start beside CloudTrail and STS. */
  readonly services?: (parts: DataPlaneParts) => Promise<Partial<Record<ServiceName, Started>>>;
}

/** The embedded data plane inside the test's own process, on a free port. */
export async function startDataPlane(options: DataPlaneOptions = {}) {
  const directory = options.directory ?? (await mkdtemp(path.join(tmpdir(), 'outport-test-')));
  const { now = Date.now, verifySignatures } = options;
  await mkdir(directory, { recursive: true });
  const database = new ClassicLevel<string, string>(path.join(directory, 'store'));
  await database.open();
  const sts = openSts({ database, now });
  const cloudtrail = openCloudTrail({ database, now });
  const services: Partial<Record<ServiceName, Started>> = {
    sts,
    cloudtrail,
    ...(await options.services?.({ database, directory, now })),
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
    directory,
    database,
    async close(): Promise<void> {
      await endpoint.close();
      for (const service of Object.values(services)) await service.close?.();
      await database.close();
      if (!options.directory) await rm(directory, { recursive: true, force: true });
    },
  };
}
