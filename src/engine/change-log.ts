import { type FileHandle, open } from 'node:fs/promises';
import { DamagedError } from './errors.ts';
import { encodeFrame, FrameBuffer, scanFrames } from './frames.ts';
import type { Change } from './index.ts';
import { appendRecord, decodeRecords } from './log-record.ts';

/** Changes that are made durable at once. */
const FRAME_BYTES_MAX = 4 * 1024 * 1024;

const FRAME_BYTES_EXPECTED = 16 * 1024;
/** Memory that a table keeps for its next frame. */
const FRAME_BYTES_KEPT_MAX = 1024 * 1024;
/** Behind the last frame it says that the frame was acknowledged, so that damage to it is not taken for a tear. */
const ACKNOWLEDGED = encodeFrame(Buffer.alloc(0));

/** A change's place in the history. */
export interface LogPoint {
  readonly sequence: number;
  readonly timeMicros: number;
}

/** The log file of a table that is being written. One caller at a time. */
export class ChangeLog {
  readonly #handle: FileHandle;
  #frame = new FrameBuffer(FRAME_BYTES_EXPECTED);
  #byteCount: number;
  #last: LogPoint;
  #appended = false;
  #failure: unknown;

  private constructor(handle: FileHandle, byteCount: number, last: LogPoint) {
    this.#handle = handle;
    this.#byteCount = byteCount;
    this.#last = last;
  }

  static async create(path: string, start: LogPoint): Promise<ChangeLog> {
    return new ChangeLog(await open(path, 'w'), 0, start);
  }

  /** Cuts off what a crash left unfinished. Damage before that stays, for those who read it to report. */
  static async open(path: string, start: LogPoint): Promise<ChangeLog> {
    const handle = await open(path, 'r+').catch((cause: NodeJS.ErrnoException) => {
      throw cause.code === 'ENOENT' ? new DamagedError(path, 0, 'the file is missing') : cause;
    });
    const { byteCount, lastPayload } = scanFrames(await handle.readFile());
    await handle.truncate(byteCount);
    await handle.datasync();
    const last = lastPayload && [...decodeRecords(lastPayload)].at(-1);
    return new ChangeLog(handle, byteCount, last ?? start);
  }

  /** Length of what is durable. */
  get byteCount(): number {
    return this.#byteCount;
  }

  /** Whether what lies behind the durable part is unknown, so that the rest of the history needs another file. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** The last durable change, or the point where the log began. */
  get last(): LogPoint {
    return this.#last;
  }

  /** Durable when it resolves. Skips the changes it has; throws a `RangeError` when the others are not in order. */
  async append(changes: readonly Change[]): Promise<void> {
    const fresh = changes.filter((change) => change.sequence > this.#last.sequence);
    this.#assertInOrder(fresh);
    const frame = this.#frame;
    try {
      for (const [index, change] of fresh.entries()) {
        appendRecord(frame.records, change);
        if (frame.payloadBytes < FRAME_BYTES_MAX && index < fresh.length - 1) continue;
        await this.#write(frame.seal());
        this.#last = change;
        frame.clear();
      }
    } finally {
      if (frame.payloadBytes > FRAME_BYTES_KEPT_MAX) this.#frame = new FrameBuffer(FRAME_BYTES_EXPECTED);
      frame.clear();
    }
  }

  async close(): Promise<void> {
    try {
      if (this.#appended && this.#failure === undefined) await this.#write(ACKNOWLEDGED);
    } finally {
      await this.#handle.close();
    }
  }

  #assertInOrder(changes: readonly Change[]): void {
    let { sequence, timeMicros } = this.#last;
    for (const change of changes) {
      if (change.sequence <= sequence || change.timeMicros < timeMicros) {
        throw new RangeError(
          `Change ${change.sequence} at ${change.timeMicros} cannot follow change ${sequence} at ${timeMicros}`,
        );
      }
      ({ sequence, timeMicros } = change);
    }
  }

  async #write(frame: Buffer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await this.#writeAtEnd(frame);
    try {
      await this.#handle.datasync();
    } catch (cause) {
      // The kernel may have dropped the pages it could not write, and syncing once more would succeed without them.
      this.#failure = cause;
      throw cause;
    }
    this.#byteCount += frame.length;
    this.#appended = true;
    // Not synced, and overwritten by the next frame. It need not succeed: without it a damaged frame passes for a torn one.
    await this.#writeAtEnd(ACKNOWLEDGED).catch(() => undefined);
  }

  /** At the end of what is durable, not at the end of the file: what a failed write left there is overwritten. */
  async #writeAtEnd(frame: Buffer): Promise<void> {
    for (let from = 0; from < frame.length; ) {
      const { bytesWritten } = await this.#handle.write(frame, from, frame.length - from, this.#byteCount + from);
      from += bytesWritten;
    }
  }
}
