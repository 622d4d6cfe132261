import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EnvironmentOptions } from './execution-environment.ts';
import { FunctionRuntime, type StartEnvironment } from './function-runtime.ts';
import type { Gateway } from './gateway.ts';
import { type ApiIdentity, HttpApi } from './http-api.ts';
import { type Names, resolve } from './intrinsics.ts';
import type { DevelopmentIssuer } from './issuer.ts';
import { Schedule } from './scheduler.ts';
import { type FunctionDefinition, type ServiceDefinition, ServiceDefinitionError } from './service-definition.ts';
import { type CheckpointStore, type StreamSource, StreamTrigger } from './stream-trigger.ts';
import { ensureTable } from './tables.ts';
import { WebsocketApi } from './websocket-api.ts';

/** The stage that a service has on one machine. */
export const LOCAL_STAGE = 'local';

export interface ServiceHostOptions {
  readonly definition: ServiceDefinition;
  /** The folder of `serverless.yml`: where the functions' bundles are. */
  readonly root: string;
  /** The bundled `function-worker`. */
  readonly workerFile: string;
  /** Takes a log a function. */
  readonly logDirectory: string;
  readonly gateway: Gateway;
  readonly issuer: DevelopmentIssuer;
  /** The account that the service is deployed to, and what its functions call. */
  readonly accountId: string;
  readonly awsEndpoint: string;
  readonly dynamodb: DynamoDBClient;
  readonly streams: StreamSource;
  readonly checkpoints: CheckpointStore;
  /** Instead of the defaults of `${param:…}` in `serverless.yml`. */
  readonly params: Readonly<Record<string, string>>;
  /** Environment variables of every function that `serverless.yml` does not know, so that no deployment has them. */
  readonly testAids?: Readonly<Record<string, string>>;
  /** Runs the functions elsewhere than in threads of this process. */
  readonly startEnvironment?: StartEnvironment | undefined;
}

export interface HostedService {
  /** Stops triggers, then connections, then functions; what was under way is taken up by the next start. */
  close(): Promise<void>;
}

/**
 * Does for a service on one machine what a deployment does in an account: creates its tables, starts its functions and
 * connects them to their events. Throws `ServiceDefinitionError` for anything it cannot carry out.
 */
export async function hostService(options: ServiceHostOptions): Promise<HostedService> {
  const { definition, gateway, accountId } = options;
  const names = await createResources(options);
  await mkdir(options.logDirectory, { recursive: true });
  const functions = definition.functions.map((described) => ({
    described,
    runtime: createFunction(described, names, options),
  }));
  const api = (apiId: string, stage: string): ApiIdentity => ({ accountId, apiId, stage });
  const httpRoutes = functions.flatMap(({ described, runtime }) =>
    described.httpRoutes.map(({ method, path }): [string, FunctionRuntime] => [`${method} ${path}`, runtime]),
  );
  const websocketRoutes = functions.flatMap(({ described, runtime }) =>
    described.websocketRoutes.map((route): [string, FunctionRuntime] => [route, runtime]),
  );
  const http = new HttpApi(api('http', '$default'), new Map(httpRoutes));
  const websocket = new WebsocketApi(api('websocket', LOCAL_STAGE), new Map(websocketRoutes));
  const schedules = functions.flatMap(({ described, runtime: target }) =>
    described.scheduleMinutes.map(
      (minutes) => new Schedule({ target, periodMs: minutes * 60_000, accountId, region: definition.region }),
    ),
  );
  const triggers = functions.flatMap(({ described, runtime }) => streamTriggers(described, runtime, names, options));

  for (const { runtime } of functions) runtime.warm();
  gateway.serve({ issuer: options.issuer, http, websocket });
  for (const starting of [...schedules, ...triggers]) starting.start();
  return {
    async close() {
      for (const schedule of schedules) schedule.close();
      await Promise.all(triggers.map((trigger) => trigger.close()));
      await gateway.close();
      await Promise.all(functions.map(({ runtime }) => runtime.close()));
    },
  };
}

async function createResources({ definition, dynamodb, gateway, params }: ServiceHostOptions): Promise<Names> {
  const refs: Record<string, string> = {};
  const attributes: Record<string, string> = { 'WebsocketsApi.ApiEndpoint': `ws://${gateway.host}` };
  for (const [logicalId, properties] of definition.tables) {
    // As CloudFormation names what has no name of its own, without the random end: the next start must find it again.
    const tableName = `${definition.service}-${LOCAL_STAGE}-${logicalId}`;
    const { arn, streamArn } = await ensureTable(dynamodb, tableName, properties);
    refs[logicalId] = tableName;
    attributes[`${logicalId}.Arn`] = arn;
    if (streamArn) attributes[`${logicalId}.StreamArn`] = streamArn;
  }
  const names = { params: { ...definition.params, ...params }, stage: LOCAL_STAGE, refs, attributes };
  for (const [logicalId, { Name }] of definition.eventBuses) {
    refs[logicalId] = resolve(Name, names, `resources.Resources.${logicalId}.Properties.Name`);
  }
  return names;
}

function createFunction(described: FunctionDefinition, names: Names, options: ServiceHostOptions): FunctionRuntime {
  const { name, handler, memorySizeMegabytes } = described;
  const { accountId, definition } = options;
  const [, file, handlerName] = /^(.*)\.([^./]+)$/.exec(handler) ?? [];
  if (file === undefined || handlerName === undefined) {
    throw new ServiceDefinitionError(`functions.${name}.handler`, `'${handler}' names no file and export`);
  }
  const functionName = `${definition.service}-${LOCAL_STAGE}-${name}`;
  const environment: EnvironmentOptions = {
    workerFile: options.workerFile,
    settings: {
      handlerFile: path.join(options.root, `${file}.mjs`),
      handlerName,
      functionName,
      functionArn: `arn:aws:lambda:${definition.region}:${accountId}:function:${functionName}`,
      memorySizeMegabytes,
    },
    variables: {
      ...lambdaVariables(functionName, described, options),
      ...options.testAids,
      ...Object.fromEntries(
        Object.entries(described.environment).map(([key, value]) => [
          key,
          resolve(value, names, `functions.${name}.environment.${key}`),
        ]),
      ),
    },
    timeoutSeconds: described.timeoutSeconds,
    log: createWriteStream(path.join(options.logDirectory, `${name}.log`), { flags: 'a' }),
  };
  return new FunctionRuntime(environment, options.startEnvironment);
}

/** What Lambda itself sets. The endpoint is configuration of the SDK, as in any account with a private endpoint. */
function lambdaVariables(functionName: string, described: FunctionDefinition, options: ServiceHostOptions) {
  const { region } = options.definition;
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: options.accountId,
    AWS_SECRET_ACCESS_KEY: 'outport',
    AWS_ENDPOINT_URL: options.awsEndpoint,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(described.memorySizeMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: functionName,
    LAMBDA_TASK_ROOT: options.root,
    _HANDLER: described.handler,
  };
}

function streamTriggers(
  described: FunctionDefinition,
  target: FunctionRuntime,
  names: Names,
  { streams, checkpoints }: ServiceHostOptions,
): StreamTrigger[] {
  return described.streams.map(
    (event, index) =>
      new StreamTrigger({
        target,
        event,
        streamArn: resolve(event.arn, names, `functions.${described.name}.events[${index}].stream.arn`),
        streams,
        checkpoints,
        onDiscard: (records) =>
          console.error(`outport: ${described.name} failed; gave up ${records.length} records, see its log`),
      }),
  );
}
