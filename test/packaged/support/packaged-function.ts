import { PassThrough } from 'node:stream';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { FunctionRuntime } from '../../../src/local/host/function-runtime.ts';
import { startPackaged } from './packaged-environment.ts';

export interface PackagedFunction {
  /** @throws Error as Lambda reports it, when the function fails */
  handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2>;
  close(): Promise<void>;
}

/** A packaged function behind API Gateway, with nothing but an environment. */
export function startPackagedFunction(name: string, environment: NodeJS.ProcessEnv): PackagedFunction {
  const variables: Record<string, string> = {
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: name,
  };
  for (const [variable, value] of Object.entries(environment)) if (value !== undefined) variables[variable] = value;
  const runtime = new FunctionRuntime(
    {
      workerFile: '',
      settings: {
        handlerFile: '',
        handlerName: 'handler',
        functionName: `outport-local-${name}`,
        functionArn: `arn:aws:lambda:eu-central-1:111122223333:function:outport-local-${name}`,
        memorySizeMegabytes: 1024,
      },
      variables,
      timeoutSeconds: 29,
      log: new PassThrough().resume(),
    },
    startPackaged,
  );
  return {
    async handler(event) {
      const result = await runtime.invoke(event);
      if (!result.ok) throw new Error(`${result.error.errorType}: ${result.error.errorMessage}`);
      return Object(result.payload);
    },
    close: () => runtime.close(),
  };
}
