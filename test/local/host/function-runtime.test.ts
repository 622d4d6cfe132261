import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FunctionRuntime } from '../../../src/local/host/function-runtime.ts';

const FUNCTION = `
let invocations = 0;
export const handler = async (event, context) => {
  invocations += 1;
  switch (event.do) {
    case 'describe':
      return {
        event, invocations, color: process.env.COLOR, home: process.env.HOME ?? null,
        name: context.functionName, arn: context.invokedFunctionArn, memory: context.memoryLimitInMB,
        id: context.awsRequestId, remaining: context.getRemainingTimeInMillis(),
      };
    case 'throw': throw new RangeError('too far');
    case 'print': console.log('seen', event.text); return null;
    case 'hang': return new Promise(() => { setInterval(() => {}, 1000); });
    case 'exit': process.exit(3);
  }
};
export const broken = 7;
`;

let directory: string;
let log: PassThrough;
const runtimes: FunctionRuntime[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'outport-test-'));
  await writeFile(path.join(directory, 'index.mjs'), FUNCTION);
  log = new PassThrough();
});

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
  await rm(directory, { recursive: true, force: true });
});

function start({ timeoutSeconds = 30, handlerName = 'handler', file = 'index.mjs' } = {}): FunctionRuntime {
  const runtime = new FunctionRuntime({
    workerFile: path.resolve('build/cli/function-worker.mjs'),
    settings: {
      handlerFile: path.join(directory, file),
      handlerName,
      functionName: 'example',
      functionArn: 'arn:aws:lambda:us-east-1:999999999999:function:example',
      memorySizeMegabytes: 256,
    },
    variables: { COLOR: 'blue' },
    timeoutSeconds,
    log,
  });
  runtimes.push(runtime);
  return runtime;
}

describe('FunctionRuntime', () => {
  test('gives the function its event, its environment alone, and a context', async () => {
    const result = await start().invoke({ do: 'describe', at: new Date(0) });

    expect(result).toEqual({
      ok: true,
      payload: {
        event: { do: 'describe', at: '1970-01-01T00:00:00.000Z' },
        invocations: 1,
        color: 'blue',
        home: null,
        name: 'example',
        arn: 'arn:aws:lambda:us-east-1:999999999999:function:example',
        memory: '256',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        remaining: expect.any(Number),
      },
    });
  });

  test('reuses an environment, and starts another when one is busy', async () => {
    const runtime = start();
    await runtime.invoke({ do: 'describe' });
    const again = await runtime.invoke({ do: 'describe' });
    void runtime.invoke({ do: 'hang' });
    const beside = await runtime.invoke({ do: 'describe' });

    expect([again, beside]).toMatchObject([{ payload: { invocations: 2 } }, { payload: { invocations: 1 } }]);
  });

  test('runs more invocations than it has environments', async () => {
    const runtime = start();
    const results = await Promise.all(Array.from({ length: 20 }, () => runtime.invoke({ do: 'describe' })));

    expect(results.every((result) => result.ok)).toBe(true);
  });

  test('reports what the function throws as Lambda does, and goes on', async () => {
    const runtime = start();

    expect(await runtime.invoke({ do: 'throw' })).toMatchObject({
      ok: false,
      error: { errorType: 'RangeError', errorMessage: 'too far', trace: expect.arrayContaining([expect.any(String)]) },
    });
    expect(await runtime.invoke({ do: 'describe' })).toMatchObject({ payload: { invocations: 2 } });
  });

  test('ends an invocation at its timeout and starts afresh', async () => {
    const runtime = start({ timeoutSeconds: 0.2 });

    expect(await runtime.invoke({ do: 'hang' })).toMatchObject({
      ok: false,
      error: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.20 seconds$/),
      },
    });
    expect(await runtime.invoke({ do: 'describe' })).toMatchObject({ payload: { invocations: 1 } });
  });

  test('survives a function that ends its process', async () => {
    const runtime = start();

    expect(await runtime.invoke({ do: 'exit' })).toMatchObject({
      ok: false,
      error: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') },
    });
    expect(await runtime.invoke({ do: 'describe' })).toMatchObject({ payload: { invocations: 1 } });
  });

  test('reports a module that does not load, at every invocation', async () => {
    for (const runtime of [start({ file: 'absent.mjs' }), start({ handlerName: 'broken' })]) {
      runtime.warm();
      expect(await runtime.invoke({})).toMatchObject({ ok: false, error: { errorType: 'Error' } });
      expect(await runtime.invoke({})).toMatchObject({ ok: false, error: { errorType: 'Error' } });
    }
  });

  test('keeps what the function prints', async () => {
    const printed = new Promise<string>((resolve) => log.once('data', (chunk) => resolve(String(chunk))));
    await start().invoke({ do: 'print', text: 'this' });

    expect(await printed).toBe('seen this\n');
  });

  test('fails what is under way or waits when it is closed', async () => {
    const runtime = start();
    await runtime.invoke({ do: 'describe' });
    const hanging = Array.from({ length: 6 }, () => runtime.invoke({ do: 'hang' }));
    await runtime.close();

    const errorTypes = (await Promise.all(hanging)).map((result) => !result.ok && result.error.errorType);
    expect(errorTypes[0]).toBe('Runtime.ExitError');
    expect(errorTypes.at(-1)).toBe('ServiceException');
    expect(await runtime.invoke({})).toMatchObject({ ok: false, error: { errorType: 'ServiceException' } });
  });
});
