import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { FunctionError, InvocationResult, WorkerReply, WorkerSettings } from './invocation.ts';

export interface EnvironmentOptions {
  /** The bundled `function-worker`. */
  readonly workerFile: string;
  readonly settings: WorkerSettings;
  /** The function's whole environment: nothing of the host's own leaks in. */
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Takes what the function prints. */
  readonly log: Writable;
}

/** From thread start until the function's module has loaded. Lambda allows 10 s; a busy laptop may need longer. */
const INIT_TIMEOUT_MS = 60_000;

interface Pending {
  readonly requestId: string;
  readonly settle: (result: InvocationResult) => void;
}

/** One execution environment: a thread that runs one invocation at a time until it fails fatally or is closed. */
export class ExecutionEnvironment {
  readonly #options: EnvironmentOptions;
  readonly #worker: Worker;
  #timer: NodeJS.Timeout;
  #pending: Pending | undefined;
  #failure: FunctionError | undefined;
  /** Resolves when the function's module has loaded, or failed to. */
  readonly initialized: Promise<void>;
  #markInitialized = () => {};

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.initialized = new Promise((resolve) => {
      this.#markInitialized = resolve;
    });
    this.#worker = new Worker(options.workerFile, {
      workerData: options.settings,
      env: { ...options.variables },
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: options.settings.memorySizeMegabytes },
    });
    this.#worker.stdout.on('data', (chunk) => this.#print(chunk));
    this.#worker.stderr.on('data', (chunk) => this.#print(chunk));
    this.#worker.on('message', (reply: WorkerReply) => this.#onReply(reply));
    this.#worker.on('error', (error) => this.#onCrash(error));
    this.#worker.on('exit', (code) => this.#onExit(code));
    this.#timer = this.#deadline(INIT_TIMEOUT_MS / 1000);
  }

  /** False once the thread is gone: the environment is then of no more use. */
  get alive(): boolean {
    return this.#failure === undefined;
  }

  /** Runs one invocation, once initialized. The caller waits for its result before the next. */
  invoke(event: unknown): Promise<InvocationResult> {
    if (this.#failure) return Promise.resolve({ ok: false, error: this.#failure });
    return new Promise((settle) => {
      this.#pending = { requestId: randomUUID(), settle };
      this.#begin(this.#pending.requestId, JSON.stringify(event));
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#worker.terminate();
  }

  #begin(requestId: string, eventJson: string): void {
    // As in Lambda, the function's time runs from here, not from the start of the thread.
    this.#timer = this.#deadline(this.#options.timeoutSeconds);
    const deadlineMs = Date.now() + this.#options.timeoutSeconds * 1000;
    this.#worker.postMessage({ requestId, eventJson, deadlineMs });
  }

  #onReply(reply: WorkerReply): void {
    clearTimeout(this.#timer);
    if (reply.type === 'ready') {
      this.#markInitialized();
    } else if (reply.type === 'result') {
      this.#settle({ ok: true, payload: JSON.parse(reply.resultJson) });
    } else {
      this.#settle({ ok: false, error: reply.error });
    }
  }

  #deadline(seconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      const errorMessage = this.#withRequestId(`Task timed out after ${seconds.toFixed(2)} seconds`);
      this.#print(`${errorMessage}\n`);
      this.#fail({ errorType: 'Sandbox.Timedout', errorMessage });
      void this.#worker.terminate();
    }, seconds * 1000);
  }

  #onCrash(error: Error): void {
    this.#print(`${error.stack ?? error}\n`);
    this.#fail({ errorType: error.name, errorMessage: error.message });
  }

  #onExit(code: number): void {
    const problem = `Runtime exited with error: exit status ${code}`;
    this.#fail({ errorType: 'Runtime.ExitError', errorMessage: this.#withRequestId(problem) });
  }

  /** A failure of the environment itself: whatever runs in it fails, and nothing runs in it again. */
  #fail(error: FunctionError): void {
    this.#failure ??= error;
    clearTimeout(this.#timer);
    this.#markInitialized();
    this.#settle({ ok: false, error });
  }

  #settle(result: InvocationResult): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.settle(result);
  }

  #print(text: string | Buffer): void {
    // A thread may still have something to say after its runtime has been closed.
    if (!this.#options.log.writableEnded) this.#options.log.write(text);
  }

  #withRequestId(problem: string): string {
    return `RequestId: ${this.#pending?.requestId ?? 'none'} Error: ${problem}`;
  }
}
