import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { Context } from 'aws-lambda';
import type { FunctionError, InvocationRequest, WorkerReply, WorkerSettings } from './invocation.ts';

/** The context of async handlers: `done`, `fail` and `succeed` left Lambda with callback handlers. */
type AsyncContext = Omit<Context, 'done' | 'fail' | 'succeed'>;
type AsyncHandler = (event: unknown, context: AsyncContext) => Promise<unknown>;

/*
 * One execution environment of one function, in a thread of its own: loads the deployed bundle, then runs one
 * invocation at a time, as Lambda's Node.js runtime does. The function sees nothing of the host but its environment
 * variables, the event and the context.
 */
const settings: WorkerSettings = workerData;
const handler = await loadHandler();
send({ type: 'ready' });

parentPort?.on('message', async (request: InvocationRequest) => {
  const { requestId } = request;
  try {
    const result = await handler(JSON.parse(request.eventJson), contextOf(request));
    send({ type: 'result', requestId, resultJson: JSON.stringify(result ?? null) });
  } catch (error) {
    console.error(`${requestId} Invoke Error`, error);
    send({ type: 'error', requestId, error: asLambdaReports(error) });
  }
});

async function loadHandler(): Promise<AsyncHandler> {
  const loaded: Record<string, unknown> = await import(pathToFileURL(settings.handlerFile).href);
  const exported = loaded[settings.handlerName];
  if (!isHandler(exported)) {
    throw new Error(`${settings.handlerName} is undefined or not exported by ${settings.handlerFile}`);
  }
  return exported;
}

function contextOf({ requestId, deadlineMs }: InvocationRequest): AsyncContext {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memorySizeMegabytes),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${settings.functionName}`,
    logStreamName: settings.functionName,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

function asLambdaReports(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

function isHandler(value: unknown): value is AsyncHandler {
  return typeof value === 'function';
}

function send(reply: WorkerReply): void {
  parentPort?.postMessage(reply);
}
