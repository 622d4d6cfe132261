import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FunctionError, InvocationResult } from '../../../src/local/host/invocation.ts';

const PREFIX = '/2018-06-01/runtime';

interface Pending {
  readonly requestId: string;
  readonly eventJson: string;
  readonly timeoutMs: number;
  settle(result: InvocationResult): void;
}

/**
 * Lambda's side of the Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), for one execution
 * environment: a runtime asks for the next invocation when it is ready for one, and posts what came of it.
 */
export class RuntimeApi {
  readonly #functionArn: string;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  /** The runtime's question for the next invocation, while it waits for the answer. */
  #asking: ServerResponse | undefined;
  #pending: Pending | undefined;
  #failure: FunctionError | undefined;
  #markReady = () => {};
  /** Resolves when the runtime asks for the first invocation, or says that it could not start. */
  readonly ready: Promise<void>;

  private constructor(functionArn: string) {
    this.#functionArn = functionArn;
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve;
    });
  }

  static async listen(functionArn: string): Promise<RuntimeApi> {
    const api = new RuntimeApi(functionArn);
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  /** What the runtime finds in `AWS_LAMBDA_RUNTIME_API`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Gives the runtime an invocation, as soon as it asks for one, and waits for the outcome. One at a time. */
  async invoke(event: unknown, timeoutMs: number): Promise<InvocationResult> {
    return new Promise((settle) => {
      if (this.#failure) return settle({ ok: false, error: this.#failure });
      this.#pending = { requestId: randomUUID(), eventJson: JSON.stringify(event), timeoutMs, settle };
      this.#give();
    });
  }

  /** Ends the invocation under way, and refuses all others. */
  fail(error: FunctionError): void {
    this.#failure ??= error;
    this.#markReady();
    this.#settle({ ok: false, error });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.slice(PREFIX.length);
    if (path === '/invocation/next') {
      this.#asking = response;
      this.#markReady();
      return this.#give();
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || 'null');
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    if (path === '/init/error') return this.fail(errorIn(body));
    if (path === `/invocation/${this.#pending?.requestId}/response`) this.#settle({ ok: true, payload: body });
    if (path === `/invocation/${this.#pending?.requestId}/error`) this.#settle({ ok: false, error: errorIn(body) });
  }

  /** The invocation may come before the question, or the question before the invocation. */
  #give(): void {
    const [asking, pending] = [this.#asking, this.#pending];
    if (!asking || !pending) return;
    this.#asking = undefined;
    asking.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': pending.requestId,
      'lambda-runtime-deadline-ms': String(Date.now() + pending.timeoutMs),
      'lambda-runtime-invoked-function-arn': this.#functionArn,
      'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    });
    asking.end(pending.eventJson);
  }

  #settle(result: InvocationResult): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.settle(result);
  }
}

function errorIn(body: unknown): FunctionError {
  const { errorType = 'Unhandled', errorMessage = '' } = Object(body);
  return { errorType: String(errorType), errorMessage: String(errorMessage) };
}
