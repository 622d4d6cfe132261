import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { DynamoDBRecord } from 'aws-lambda';
import { type LoggedChange, readChanges } from './change-log.ts';
import type { Commit } from './commit-queue.ts';
import type { Item } from './dynalite.ts';
import { sizeOf } from './dynalite.ts';
import type { ServiceContext } from './service-context.ts';
import { primaryKeyOf, type StreamViewType, type Table, type TableStream } from './table.ts';
import { parseArn } from './table-arn.ts';

/** DynamoDB Streams records of tables, in the shape Lambda receives them. They are kept for 24 hours. */
export interface TableStreams {
  /** Records of the table after `afterSequence` ('' = from the oldest kept), oldest first, at most `limit`. */
  read(
    streamArn: string,
    afterSequence: string,
    limit: number,
  ): Promise<{ records: DynamoDBRecord[]; lastSequence: string }>;
  /** Resolves when something was committed to the stream after `afterSequence` or the signal aborts. */
  waitForRecords(streamArn: string, afterSequence: string, signal: AbortSignal): Promise<void>;
}

/** DynamoDB's sequence numbers have 21 digits or more, so that they order as text. */
const SEQUENCE_DIGITS = 21;

/** A stream that begins with this commit. */
export function openedStream(
  tableArn: string,
  viewType: StreamViewType = 'NEW_AND_OLD_IMAGES',
  commit: Commit,
): TableStream {
  const label = new Date(commit.timeMicros / 1000).toISOString().slice(0, -1);
  return {
    arn: `${tableArn}/stream/${label}`,
    label,
    viewType,
    afterSequence: commit.lastSequence,
    throughSequence: null,
  };
}

export class ChangeStreams implements TableStreams {
  readonly #context: ServiceContext;
  /** Tells waiting readers of every durable commit. */
  readonly #commits = new EventEmitter().setMaxListeners(0);

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  /** To be called after every durable write. */
  announce(): void {
    this.#commits.emit('durable');
  }

  async read(streamArn: string, afterSequence: string, limit: number) {
    const source = this.#source(streamArn);
    if (!source) return { records: [], lastSequence: afterSequence };
    const { table, stream } = source;
    const after = Math.max(Number(afterSequence), stream.afterSequence);
    const through = stream.throughSequence ?? Number.MAX_SAFE_INTEGER;
    const records: DynamoDBRecord[] = [];
    let lastSequence = afterSequence;
    for await (const change of readChanges(this.#context.store, table.id, after, through, limit)) {
      records.push(asRecord(change, table, stream));
      lastSequence = sequenceNumber(change.sequence);
    }
    return { records, lastSequence };
  }

  async waitForRecords(streamArn: string, afterSequence: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Listening starts before looking, so that a commit in between is not missed.
      const next = once(this.#commits, 'durable', { signal }).catch(() => undefined);
      const { records } = await this.read(streamArn, afterSequence, 1);
      if (records.length > 0) return;
      await next;
    }
  }

  #source(streamArn: string): { table: Table; stream: TableStream } | undefined {
    const arn = parseArn(streamArn);
    const name = arn?.resource.split('/')[1];
    const table = arn && name ? this.#context.tables.find(arn, name) : undefined;
    const stream = table?.record.stream;
    return table && stream?.arn === streamArn ? { table, stream } : undefined;
  }
}

const sequenceNumber = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, '0');

function asRecord(change: LoggedChange, table: Table, stream: TableStream): DynamoDBRecord {
  const newItem: Item | null = change.newImage === null ? null : JSON.parse(change.newImage);
  const oldItem: Item | null = change.oldImage === null ? null : JSON.parse(change.oldImage);
  const images = {
    ...(newItem && shows(stream.viewType, 'NEW') && { NewImage: newItem }),
    ...(oldItem && shows(stream.viewType, 'OLD') && { OldImage: oldItem }),
  };
  const keys = primaryKeyOf(newItem ?? oldItem ?? {}, table.description) ?? {};
  const sizeBytes = [keys, ...Object.values(images)].reduce((sum, part) => sum + sizeOf(part), 0);
  return {
    eventID: createHash('md5').update(`${stream.arn} ${change.sequence}`).digest('hex'),
    eventName: newItem === null ? 'REMOVE' : oldItem === null ? 'INSERT' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: table.record.region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(change.timeMicros / 1_000_000),
      Keys: keys,
      ...images,
      SequenceNumber: sequenceNumber(change.sequence),
      SizeBytes: sizeBytes,
      StreamViewType: stream.viewType,
    },
    eventSourceARN: stream.arn,
    ...(change.byTimeToLive && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
  };
}

const shows = (viewType: StreamViewType, image: 'NEW' | 'OLD'): boolean =>
  viewType === 'NEW_AND_OLD_IMAGES' || viewType === `${image}_IMAGE`;
