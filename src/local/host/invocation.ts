/*
 * What is said between those who invoke a function, its runtime and the threads it runs in.
 */

/** An error as Lambda reports it to the caller of Invoke. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** The outcome of one invocation. Lambda's own failures (a timeout, a crash) are outcomes too, never exceptions. */
export type InvocationResult =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly error: FunctionError };

/** A function, as those see it who invoke it: APIs, stream triggers, schedules. */
export interface InvocationTarget {
  readonly name: string;
  /** Never rejects: failures are results. */
  invoke(event: unknown): Promise<InvocationResult>;
}

/** Started with a worker: the function it will run for as long as it lives. */
export interface WorkerSettings {
  readonly handlerFile: string;
  readonly handlerName: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memorySizeMegabytes: number;
}

/** To the worker. Events and results cross as JSON text, as they do in Lambda. */
export interface InvocationRequest {
  readonly requestId: string;
  readonly eventJson: string;
  readonly deadlineMs: number;
}

/** From the worker: once when its module has loaded, then once an invocation. */
export type WorkerReply =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly requestId: string; readonly resultJson: string }
  | { readonly type: 'error'; readonly requestId: string; readonly error: FunctionError };
