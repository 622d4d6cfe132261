import { ApolloServer, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { PARSE_OPTIONS, readWithinLimits } from '../resolvers/read-document.ts';
import type { RequestContext } from '../resolvers/request-context.ts';
import {
  issuerUnavailable,
  maskError,
  rateLimited,
  recordsUnavailable,
  toldOf,
  unauthenticated,
} from '../resolvers/top-level-errors.ts';
import { Unauthenticated } from '../services/authenticate.ts';
import { mayGoBetterLater } from '../services/aws-errors.ts';
import { ASK_AGAIN_MS, IssuerUnavailable } from '../services/issuer-keys.ts';
import type { RequestOrigin } from '../services/principal.ts';
import type { ControlPlane } from './control-plane.ts';
import { countRefusal } from './count-refusals.ts';
import { createHealth } from './health.ts';
import { log, logError } from './log.ts';
import { maskErrors } from './mask-errors.ts';
import { reportCost } from './report-cost.ts';

/** Of the decoded body. The longest sensible request, `exportTable` with every field at its limit, is a third of it. */
const BODY_BYTES_MAX = 15_000;

export type GraphqlHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** GraphQL over HTTP, behind API Gateway's HTTP API (payload 2.0). CORS is the gateway's. */
export function createGraphqlHandler(controlPlane: ControlPlane): GraphqlHandler {
  const server = new ApolloServer<RequestContext>({
    schema: controlPlane.schema,
    introspection: controlPlane.configuration.introspection,
    parseOptions: PARSE_OPTIONS,
    maxRecursiveSelections: true,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    formatError: (error, thrown) => toldOf(error, unwrapResolverError(thrown)),
    plugins: [
      maskErrors,
      reportCost,
      // Nothing is told to anybody else, whatever the environment says; the bundles leave these plugins out.
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
  server.startInBackgroundHandlingStartupErrorsByLoggingAndFailingAllRequests();

  const health = createHealth(controlPlane.records, controlPlane.outport.now);

  return async (event) => {
    if (event.rawPath === '/health') return health(event.requestContext.requestId);
    const begunMs = performance.now();
    const result = await answer(event);
    const { requestId } = event.requestContext;
    const durationMs = Math.round(performance.now() - begunMs);
    log('INFO', 'request', { requestId, statusCode: result.statusCode, durationMs });
    return result;
  };

  async function answer(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
    const origin = originOf(event);
    const { method } = event.requestContext.http;
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    const headers = new HeaderMap();
    // API Gateway has put all names in lower case.
    for (const [name, value] of Object.entries(event.headers)) if (value !== undefined) headers.set(name, value);

    if (method !== 'POST') return refusal(405, 'Only POST is supported.', { allow: 'POST' });
    if (!isJson(headers.get('content-type'))) return refusal(415, 'The content type must be application/json.');
    if (body.length > BODY_BYTES_MAX) return refusal(413, `The body is larger than ${BODY_BYTES_MAX} bytes.`);

    const request: unknown = parseJson(body.toString('utf8'));
    const response = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method, headers, search: '', body: request },
      // Apollo Server asks for the context before it looks at the document: the place for who, and for how much.
      context: async () => {
        const context = await contextOf(controlPlane, headers.get('authorization'), origin);
        refuseBeyondLimits(controlPlane.schema, request);
        return context;
      },
    });
    return resultOf(response, origin.requestId);
  }
}

function originOf({ requestContext }: APIGatewayProxyEventV2): RequestOrigin {
  const { sourceIp, userAgent } = requestContext.http;
  return { requestId: requestContext.requestId, sourceIpAddress: sourceIp, userAgent: userAgent || null };
}

async function contextOf(
  controlPlane: ControlPlane,
  authorization: string | undefined,
  origin: RequestOrigin,
): Promise<RequestContext> {
  try {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    const principal = await controlPlane.authenticate(token, origin);
    const seconds = await controlPlane.countRequest(principal, origin);
    if (seconds !== null) throw rateLimited(seconds);
    return controlPlane.contextFor(principal, origin);
  } catch (error) {
    if (error instanceof GraphQLError) {
      countRefusal(controlPlane.metrics, String(error.extensions.code));
      throw error;
    }
    if (error instanceof Unauthenticated) {
      countRefusal(controlPlane.metrics, 'UNAUTHENTICATED');
      throw unauthenticated(error.message);
    }
    logError(error, { requestId: origin.requestId });
    if (error instanceof IssuerUnavailable) throw issuerUnavailable(ASK_AGAIN_MS / 1000);
    if (mayGoBetterLater(error)) throw recordsUnavailable();
    const { message, extensions } = maskError({ message: '' }, origin.requestId);
    throw new GraphQLError(message, { extensions });
  }
}

/** @throws GraphQLError for a document that is too deep or wide; whatever else is wrong is Apollo Server's to say */
function refuseBeyondLimits(schema: GraphQLSchema, request: unknown): void {
  if (!isObject(request) || !('query' in request)) return;
  const variables = 'variables' in request && isObject(request.variables) ? { ...request.variables } : {};
  const read = readWithinLimits(schema, String(request.query), variables);
  const [error] = read.ok ? [] : read.errors;
  if (error?.extensions.code !== 'GRAPHQL_VALIDATION_FAILED') return;
  throw new GraphQLError(error.message, { ...error, extensions: { ...error.extensions, http: { status: 400 } } });
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isJson = (contentType: string | undefined): boolean => /^application\/json(?:;|$)/i.test(contentType ?? '');

/** What is no JSON is left for Apollo Server to refuse, with the code for it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(
  statusCode: number,
  message: string,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
  return { statusCode, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body };
}

function resultOf(
  { status, headers, body }: HTTPGraphQLResponse,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  if (body.kind !== 'complete') throw new Error('incremental delivery is off, yet the answer came in chunks');
  return {
    statusCode: status ?? 200,
    headers: { ...Object.fromEntries(headers), 'x-request-id': requestId },
    body: body.string,
  };
}
