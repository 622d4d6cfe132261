import { readFileSync } from 'node:fs';
import { parse, type ScalarTag } from 'yaml';
import { GREEDY } from './http-api.ts';
import { isObject } from './is-object.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** An HTTP API route of a function, such as `POST /graphql` or `GET /{path+}`. */
interface HttpRoute {
  readonly method: string;
  readonly path: string;
}

/** A table's stream that invokes a function, as an event source mapping describes it. */
export interface StreamEvent {
  /** Resolves to the stream's ARN; see `intrinsics.ts`. */
  readonly arn: unknown;
  readonly batchSize: number;
  readonly bisectBatchOnFunctionError: boolean;
  /** Retries after the first attempt, before a batch is given up. */
  readonly maximumRetryAttempts: number;
  readonly reportBatchItemFailures: boolean;
  /** A record is delivered if any of them matches; without patterns, always. */
  readonly filterPatterns: readonly unknown[];
}

export interface FunctionDefinition {
  readonly name: string;
  /** As deployed: file without its extension, a dot, the exported name (`build/graphql/index.handler`). */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memorySizeMegabytes: number;
  /** Values resolve to strings; see `intrinsics.ts`. */
  readonly environment: Readonly<Record<string, unknown>>;
  readonly httpRoutes: readonly HttpRoute[];
  readonly websocketRoutes: readonly string[];
  readonly streams: readonly StreamEvent[];
  /** Periods of `schedule` events. */
  readonly scheduleMinutes: readonly number[];
}

/** What the host takes from `serverless.yml`: everything else in it concerns AWS only. */
export interface ServiceDefinition {
  readonly service: string;
  readonly region: string;
  /** Defaults of `${param:…}`. */
  readonly params: Readonly<Record<string, string>>;
  readonly functions: readonly FunctionDefinition[];
  /** `AWS::DynamoDB::Table` resources by logical id, unresolved. */
  readonly tables: ReadonlyMap<string, Mapping>;
  /** `AWS::Events::EventBus` resources by logical id, unresolved. */
  readonly eventBuses: ReadonlyMap<string, Mapping>;
}

/** Something in `serverless.yml` that the host does not understand. It refuses to start rather than run less than is deployed. */
export class ServiceDefinitionError extends Error {
  constructor(
    /** Where in the file, such as `functions.graphql.events[0]`. */
    readonly location: string,
    problem: string,
  ) {
    super(`serverless.yml: ${location}: ${problem}`);
    this.name = 'ServiceDefinitionError';
  }
}

// Defaults of Serverless and of an event source mapping, where the file is silent.
const DEFAULT_TIMEOUT_SECONDS = 6;
const DEFAULT_MEMORY_MEGABYTES = 1024;
const DEFAULT_BATCH_SIZE = 100;

const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** CloudFormation's short forms, read as the long forms that they abbreviate. */
const intrinsicTags: ScalarTag[] = [
  { tag: '!Ref', resolve: (name) => ({ Ref: name }) },
  { tag: '!Sub', resolve: (template) => ({ 'Fn::Sub': template }) },
  { tag: '!GetAtt', resolve: (path) => ({ 'Fn::GetAtt': [path.split('.')[0], path.split('.').slice(1).join('.')] }) },
];

/** Reads `serverless.yml`. Throws `ServiceDefinitionError` for an event or an option the host would have to ignore. */
export function readServiceDefinition(file: string): ServiceDefinition {
  return parseServiceDefinition(readFileSync(file, 'utf8'));
}

/** As `readServiceDefinition`, of the file's text. */
export function parseServiceDefinition(text: string): ServiceDefinition {
  const root = mapping(parse(text, { customTags: intrinsicTags }), 'the file');
  const provider = mapping(root.provider, 'provider');
  const params = mapping(mapping(root.params ?? {}, 'params').default ?? {}, 'params.default');
  const resources = mapping(mapping(root.resources ?? {}, 'resources').Resources ?? {}, 'resources.Resources');
  const ofType = (type: string) =>
    new Map(
      Object.entries(resources)
        .filter(([, value]) => !isIncluded(value))
        .map(([id, value]): [string, Mapping] => [id, mapping(value, `resources.Resources.${id}`)])
        .filter(([, resource]) => resource.Type === type)
        .map(([id, resource]) => [id, mapping(resource.Properties, `resources.Resources.${id}.Properties`)]),
    );
  return {
    service: string(root.service, 'service'),
    region: string(provider.region, 'provider.region'),
    params: Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, string(value, `params.default.${name}`)]),
    ),
    functions: Object.entries(mapping(root.functions, 'functions')).map(([name, value]) =>
      parseFunction(name, mapping(value, `functions.${name}`), mapping(provider.environment ?? {}, 'environment')),
    ),
    tables: ofType('AWS::DynamoDB::Table'),
    eventBuses: ofType('AWS::Events::EventBus'),
  };
}

/** From another file, as what is there for AWS only: tables are written in `serverless.yml` itself. */
const isIncluded = (value: unknown): boolean => typeof value === 'string' && /^\$\{file\(deploy\//.test(value);

function parseFunction(name: string, definition: Mapping, providerEnvironment: Mapping): FunctionDefinition {
  const at = `functions.${name}`;
  const httpRoutes: HttpRoute[] = [];
  const websocketRoutes: string[] = [];
  const streams: StreamEvent[] = [];
  const scheduleMinutes: number[] = [];
  for (const [index, event] of list(definition.events ?? [], `${at}.events`).entries()) {
    const eventAt = `${at}.events[${index}]`;
    const [kind, value] = Object.entries(mapping(event, eventAt))[0] ?? ['', undefined];
    switch (kind) {
      case 'httpApi':
        httpRoutes.push(parseHttpRoute(value, `${eventAt}.httpApi`));
        break;
      case 'websocket':
        websocketRoutes.push(parseWebsocketRoute(value, `${eventAt}.websocket`));
        break;
      case 'stream':
        streams.push(parseStream(value, `${eventAt}.stream`));
        break;
      case 'schedule':
        scheduleMinutes.push(parseSchedule(value, `${eventAt}.schedule`));
        break;
      default:
        throw new ServiceDefinitionError(
          eventAt,
          `the host knows httpApi, websocket, stream and schedule events, not '${kind}'`,
        );
    }
  }
  return {
    name,
    handler: string(definition.handler, `${at}.handler`),
    timeoutSeconds: number(definition.timeout ?? DEFAULT_TIMEOUT_SECONDS, `${at}.timeout`),
    memorySizeMegabytes: number(definition.memorySize ?? DEFAULT_MEMORY_MEGABYTES, `${at}.memorySize`),
    environment: { ...providerEnvironment, ...mapping(definition.environment ?? {}, `${at}.environment`) },
    httpRoutes,
    websocketRoutes,
    streams,
    scheduleMinutes,
  };
}

function parseHttpRoute(value: unknown, at: string): HttpRoute {
  const route = known(mapping(value, at), ['method', 'path'], at);
  const path = string(route.path, `${at}.path`);
  const fixed = GREEDY.exec(path)?.[1] ?? path;
  if (/[{*]/.test(fixed)) {
    throw new ServiceDefinitionError(`${at}.path`, 'the host knows fixed paths, and {name+} at their end');
  }
  const method = string(route.method, `${at}.method`).toUpperCase();
  if (!HTTP_METHODS.includes(method)) throw new ServiceDefinitionError(`${at}.method`, `the host knows no '${method}'`);
  return { method, path };
}

function parseWebsocketRoute(value: unknown, at: string): string {
  const route = string(known(mapping(value, at), ['route'], at).route, `${at}.route`);
  if (!['$connect', '$disconnect', '$default'].includes(route)) {
    throw new ServiceDefinitionError(
      `${at}.route`,
      `the host knows $connect, $disconnect and $default, not '${route}'`,
    );
  }
  return route;
}

function parseStream(value: unknown, at: string): StreamEvent {
  const stream = known(
    mapping(value, at),
    [
      'type',
      'arn',
      'startingPosition',
      'batchSize',
      'bisectBatchOnFunctionError',
      'maximumRetryAttempts',
      'functionResponseType',
      'filterPatterns',
    ],
    at,
  );
  if (stream.type !== 'dynamodb')
    throw new ServiceDefinitionError(`${at}.type`, 'the host knows dynamodb streams only');
  if (stream.startingPosition !== 'TRIM_HORIZON') {
    throw new ServiceDefinitionError(`${at}.startingPosition`, 'the host begins at TRIM_HORIZON only');
  }
  return {
    arn: stream.arn,
    batchSize: number(stream.batchSize ?? DEFAULT_BATCH_SIZE, `${at}.batchSize`),
    bisectBatchOnFunctionError: stream.bisectBatchOnFunctionError === true,
    // An event source mapping without a maximum retries until the record expires; a maximum is part of our design.
    maximumRetryAttempts: number(stream.maximumRetryAttempts, `${at}.maximumRetryAttempts`),
    reportBatchItemFailures: stream.functionResponseType === 'ReportBatchItemFailures',
    filterPatterns: list(stream.filterPatterns ?? [], `${at}.filterPatterns`),
  };
}

function parseSchedule(value: unknown, at: string): number {
  const rate = string(known(mapping(value, at), ['rate'], at).rate, `${at}.rate`);
  const minutes = /^rate\((\d+) minutes?\)$/.exec(rate)?.[1];
  if (!minutes) throw new ServiceDefinitionError(`${at}.rate`, `the host knows rate(<n> minutes), not '${rate}'`);
  return Number(minutes);
}

function known(value: Mapping, keys: readonly string[], at: string): Mapping {
  const unknownKey = Object.keys(value).find((key) => !keys.includes(key));
  if (unknownKey) throw new ServiceDefinitionError(at, `the host does not know the option '${unknownKey}'`);
  return value;
}

function mapping(value: unknown, at: string): Mapping {
  if (!isObject(value)) throw new ServiceDefinitionError(at, 'expected a mapping');
  return value;
}

function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ServiceDefinitionError(at, 'expected a list');
  return value;
}

function string(value: unknown, at: string): string {
  if (typeof value !== 'string') throw new ServiceDefinitionError(at, 'expected a string');
  return value;
}

function number(value: unknown, at: string): number {
  if (typeof value !== 'number') throw new ServiceDefinitionError(at, 'expected a number');
  return value;
}
