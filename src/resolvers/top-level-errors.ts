import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AwsRefusal } from '../services/ask-aws.ts';
import { mayGoBetterLater } from '../services/aws-errors.ts';

/*
 * Errors outside the data, and the HTTP status that goes with each. What a well-written client can meet while it
 * exports (a missing bucket, a denial) is no such error: it is data, in `userErrors`.
 *
 * | extensions.code              | status | when                                                                       |
 * |------------------------------|--------|----------------------------------------------------------------------------|
 * | UNAUTHENTICATED              | 401    | the token is missing, forged, expired or for somebody else                 |
 * | BAD_REQUEST                  | 400    | not a GraphQL request: no JSON, a batch, a request a browser could forge   |
 * | GRAPHQL_PARSE_FAILED         | 400    | not a GraphQL document, or one of more than 1,000 tokens                   |
 * | GRAPHQL_VALIDATION_FAILED    | 400    | does not fit the schema, or asks for too much (`extensions.reason`)        |
 * | OPERATION_RESOLUTION_FAILURE | 400    | the document has no such operation                                         |
 * | BAD_USER_INPUT               | 400    | a variable or argument is out of range                                     |
 * | RATE_LIMITED                 | 429    | too many requests of this person; `extensions.retryAfterSeconds`           |
 * | one of ExportErrorCode       | 200    | AWS refused what a field shows, or gave no answer; `extensions.remedy`     |
 * | NOT_FOUND                    | 200    | nothing to subscribe to, or nothing that the viewer may see                |
 * | TOO_MANY_SUBSCRIPTIONS       | —      | over a WebSocket: the connection has 50 subscriptions already              |
 * | ISSUER_UNAVAILABLE           | 503    | the issuer of the token cannot be reached, so nobody can verify it         |
 * | RECORDS_UNAVAILABLE          | 503    | Outport's own records cannot be reached. 200 when that struck a field      |
 * | INTERNAL_SERVER_ERROR        | 500    | a failure of ours; `extensions.requestId` finds it in the log. 200 when it |
 * |                              |        | struck a field and the rest of the data is there                           |
 *
 * The gateway's function itself answers 405 (method), 413 (body too large) and 415 (content type) without GraphQL.
 */

export const badUserInput = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });

export const unauthenticated = (message: string): GraphQLError =>
  new GraphQLError(message, {
    extensions: { code: 'UNAUTHENTICATED', http: { status: 401, headers: new Map([['www-authenticate', 'Bearer']]) } },
  });

export const issuerUnavailable = (retryAfterSeconds: number): GraphQLError =>
  new GraphQLError('The issuer of the token cannot be reached just now, so the token cannot be verified. Try again.', {
    extensions: {
      code: 'ISSUER_UNAVAILABLE',
      http: { status: 503, headers: new Map([['retry-after', String(retryAfterSeconds)]]) },
    },
  });

/** Callers are told to wait so long before they come again. */
const RECORDS_RETRY_AFTER_SECONDS = 5;

export const recordsUnavailable = (): GraphQLError =>
  new GraphQLError(
    'The records of Outport cannot be reached just now. Nothing of them is lost: send the same request again, with the same clientToken if it has one.',
    {
      extensions: {
        code: 'RECORDS_UNAVAILABLE',
        retryAfterSeconds: RECORDS_RETRY_AFTER_SECONDS,
        http: { status: 503, headers: new Map([['retry-after', String(RECORDS_RETRY_AFTER_SECONDS)]]) },
      },
    },
  );

export const rateLimited = (retryAfterSeconds: number): GraphQLError =>
  new GraphQLError(`You have sent too many requests. Try again in ${retryAfterSeconds} s.`, {
    extensions: {
      code: 'RATE_LIMITED',
      retryAfterSeconds,
      http: { status: 429, headers: new Map([['retry-after', String(retryAfterSeconds)]]) },
    },
  });

export const notFound = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'NOT_FOUND' } });

/** Tells the viewer what AWS said instead of an answer. */
export async function tellingRefusals<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    const { code, message, remedy } = error.error;
    throw new GraphQLError(message, { extensions: { code, remedy } });
  }
}

/**
 * An error as its caller may be told of it. Calls of AWS on behalf of a caller say themselves how they failed: what is
 * left are those of the records, without which there is nothing to tell.
 */
export function toldOf(error: GraphQLFormattedError, cause: unknown): GraphQLFormattedError {
  if (!mayGoBetterLater(cause)) return error;
  const { message, extensions } = recordsUnavailable();
  return { ...error, message, extensions };
}

/** Errors made for the caller carry a code; what carries none, or this one, is a failure of ours. */
const INTERNAL = 'INTERNAL_SERVER_ERROR';

export const isExposed = ({ extensions }: Pick<GraphQLFormattedError, 'extensions'>): boolean =>
  typeof extensions?.code === 'string' && extensions.code !== INTERNAL;

/** What the caller is told of an error: everything of one made for them, of any other only where to find it in the log. */
export function maskError(error: GraphQLFormattedError, requestId: string): GraphQLFormattedError {
  if (isExposed(error)) {
    const { http, ...extensions } = { ...error.extensions };
    return { ...error, extensions };
  }
  return { ...error, message: 'Internal server error', extensions: { code: INTERNAL, requestId } };
}
