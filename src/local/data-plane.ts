import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { startEndpoint } from './aws/endpoint.ts';
import { Faults } from './aws/faults.ts';
import { openCloudTrail } from './cloudtrail/index.ts';
import { openDynamoDb, type TableStreams } from './dynamodb/index.ts';
import { openEvents } from './events/index.ts';
import { openS3 } from './s3/index.ts';
import { openSts } from './sts/index.ts';

export interface DataPlaneOptions {
  /** Everything that survives a restart. One process at a time. */
  readonly directory: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Refuses calls whose signature does not fit the secret of their access key. */
  readonly verifySignatures?: boolean;
  /** A JSON list of what goes wrong with some calls, for tests. */
  readonly faultsFile?: string | undefined;
  /** The bundled or source file of the engine's export worker. */
  readonly workerFile: URL | string;
  readonly now?: () => number;
}

/** DynamoDB, S3, CloudTrail, STS and EventBridge of one machine, behind one endpoint, over one durable store. */
export interface DataPlane {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly streams: TableStreams;
  readonly database: ClassicLevel<string, string>;
  /** Finishes the calls under way, then closes the services and the store. */
  close(): Promise<void>;
}

/** Another process, or this one, already works on the data folder. */
export class DataFolderInUseError extends Error {
  constructor(
    readonly directory: string,
    cause: unknown,
  ) {
    super(
      `Another Outport is running on the data folder ${directory}. Stop it first, or choose another folder with --data.`,
      { cause },
    );
    this.name = 'DataFolderInUseError';
  }
}

/**
 * Opens the data folder and starts to serve it.
 * @throws DataFolderInUseError, FaultsFileError, or the server's `EADDRINUSE`; nothing stays open then
 */
export async function openDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const { port, verifySignatures, faultsFile, workerFile, now = Date.now } = options;
  const faults = faultsFile === undefined ? undefined : new Faults(faultsFile);
  const directory = path.resolve(options.directory);
  const opened: Array<() => Promise<void>> = [];
  // Last opened, first closed: the endpoint stops before its services, and the store outlives them all.
  const close = async () => {
    for (let next = opened.pop(); next; next = opened.pop()) await next();
  };
  try {
    const database = await openStore(directory);
    opened.push(() => database.close());
    const sts = openSts({ database, now });
    opened.push(() => sts.close());
    const cloudtrail = openCloudTrail({ database, now });
    opened.push(() => cloudtrail.close());
    const s3 = await openS3({ database, directory: path.join(directory, 's3'), now });
    opened.push(() => s3.close());
    const dynamodb = await openDynamoDb({
      database,
      directory: path.join(directory, 'dynamodb'),
      objects: s3.objects,
      workerFile,
      now,
    });
    opened.push(() => dynamodb.close());
    const events = openEvents({ now });
    const endpoint = await startEndpoint({
      services: { dynamodb, s3, cloudtrail, sts, events },
      operatorPages: new Map<string, () => unknown>([
        ['/_outport/backups', () => dynamodb.backupStorage()],
        ['/_outport/events', () => events.recent()],
      ]),
      sessions: sts.sessions,
      recorder: cloudtrail.recorder,
      port,
      verifySignatures,
      faults,
      now,
    });
    opened.push(() => endpoint.close());
    return { endpoint: endpoint.url, streams: dynamodb.streams, database, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * What the store gathers in memory before it writes a sorted file of it. While items are imported, merging such files
 * takes a third of the time that it takes with the default of 4 MiB (measured).
 */
const WRITE_BUFFER_BYTES = 32 * 1024 * 1024;

async function openStore(directory: string): Promise<ClassicLevel<string, string>> {
  await mkdir(directory, { recursive: true });
  const database = new ClassicLevel<string, string>(path.join(directory, 'store'), {
    writeBufferSize: WRITE_BUFFER_BYTES,
  });
  try {
    await database.open();
  } catch (error) {
    if (isLocked(error)) throw new DataFolderInUseError(directory, error);
    throw error;
  }
  return database;
}

/** Level reports that opening failed, and the lock as the reason. */
const isLocked = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === 'LEVEL_LOCKED') || (error.cause !== undefined && isLocked(error.cause)));
