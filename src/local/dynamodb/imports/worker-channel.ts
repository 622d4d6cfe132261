import { type TransferListItem, Worker } from 'node:worker_threads';

/** A thread that answers with messages, which are taken one by one. */
export class WorkerChannel<Message, Answer> {
  readonly #worker: Worker;
  readonly #signal: AbortSignal;
  readonly #received: Answer[] = [];
  readonly #waiting: Array<{ resolve(answer: Answer): void; reject(cause: unknown): void }> = [];
  #failure: { readonly cause: unknown } | undefined;

  /** The signal makes all that wait, and all who ask later, fail with its reason. */
  constructor(file: string, workerData: unknown, signal: AbortSignal) {
    this.#worker = new Worker(file, { workerData });
    this.#signal = signal;
    this.#worker.on('message', (answer: Answer) => {
      const next = this.#waiting.shift();
      if (next) next.resolve(answer);
      else this.#received.push(answer);
    });
    this.#worker.on('error', this.#fail);
    signal.addEventListener('abort', this.#abort);
    if (signal.aborted) this.#abort();
  }

  send(message: Message, transferred: readonly TransferListItem[] = []): void {
    this.#worker.postMessage(message, [...transferred]);
  }

  /** The next answer, in the order in which they come. Throws what ended the thread. */
  answer(): Promise<Answer> {
    if (this.#failure) return Promise.reject(this.#failure.cause);
    const received = this.#received.shift();
    if (received !== undefined) return Promise.resolve(received);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Resolves when the thread has ended. */
  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#abort);
    await this.#worker.terminate();
  }

  readonly #abort = () => this.#fail(this.#signal.reason);

  readonly #fail = (cause: unknown) => {
    this.#failure ??= { cause };
    for (const { reject } of this.#waiting.splice(0)) reject(cause);
  };
}
