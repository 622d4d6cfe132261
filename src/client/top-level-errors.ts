import { NotAuthenticatedError, OutportError } from './errors.ts';

interface TopLevelCode {
  /** When it is given. */
  readonly meaning: string;
  /** What a person can do. */
  readonly remedy: string;
  /** The same request may succeed later. */
  readonly retryable?: true;
}

/** What stands in `errors` rather than in the data of an answer, by `extensions.code`; a test holds it to the server. */
export const TOP_LEVEL_CODES: Readonly<Record<string, TopLevelCode>> = {
  UNAUTHENTICATED: {
    meaning: 'The token is missing, forged, expired or for somebody else.',
    remedy: 'Send a token that has not expired, of an issuer that this Outport takes: sign in again.',
  },
  BAD_REQUEST: {
    meaning: 'It is no GraphQL request: no JSON, a batch, or one that a browser could forge.',
    remedy: 'Send one operation as JSON, with POST and the content type application/json.',
  },
  GRAPHQL_PARSE_FAILED: {
    meaning: 'It is no GraphQL document, or one of more than 1,000 tokens.',
    remedy: 'Correct the document where the message points to.',
  },
  GRAPHQL_VALIDATION_FAILED: {
    meaning: 'The document does not fit the schema, or asks for too much (`extensions.reason`).',
    remedy: 'Compare the document with schema/schema.graphql of this version, or ask for less at once.',
  },
  OPERATION_RESOLUTION_FAILURE: {
    meaning: 'The document has no operation of this name, or several and none was named.',
    remedy: 'Name one operation of the document as operationName.',
  },
  BAD_USER_INPUT: {
    meaning: 'A variable or an argument is out of range, or an answer is too large for a WebSocket message.',
    remedy: 'Correct the value that the message names.',
  },
  RATE_LIMITED: {
    meaning: 'This person has sent too many requests (`extensions.retryAfterSeconds`).',
    remedy: 'Send the request again after the time that the message names.',
    retryable: true,
  },
  NOT_FOUND: {
    meaning: 'There is nothing to subscribe to, or nothing that the viewer may see.',
    remedy: 'Check the id: it is the one that exportTable returned, of an export that you may see.',
  },
  TOO_MANY_SUBSCRIPTIONS: {
    meaning: 'The WebSocket connection has 50 subscriptions already.',
    remedy: 'Complete a subscription first, or follow a list with exportsUpdated.',
  },
  ISSUER_UNAVAILABLE: {
    meaning: 'The issuer of the token cannot be reached, so nobody can verify it.',
    remedy: 'Send the request again in a while.',
    retryable: true,
  },
  RECORDS_UNAVAILABLE: {
    meaning: 'The records of Outport cannot be reached just now. Nothing of them is lost.',
    remedy: 'Send the same request again, with the same clientToken if it has one.',
    retryable: true,
  },
  INTERNAL_SERVER_ERROR: {
    meaning: 'A failure of Outport itself; `extensions.requestId` finds it in the log.',
    remedy: 'Send the request again; if it fails again, tell whoever runs this Outport the id of the request.',
  },
};

const UNKNOWN: TopLevelCode = {
  meaning: 'A code that this version of the client does not know.',
  remedy: 'See what the message says; a newer version of the client may know more.',
};

/** A GraphQL error as it comes over the wire. */
export interface WireError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The error for what a server answered in `errors`. */
export function topLevelError({ message, extensions = {} }: WireError): OutportError {
  const code = typeof extensions.code === 'string' ? extensions.code : 'INTERNAL_SERVER_ERROR';
  const { remedy, retryable = false } = TOP_LEVEL_CODES[code] ?? UNKNOWN;
  const { retryAfterSeconds, requestId, remedy: told } = extensions;
  const details = {
    code,
    // Of what AWS refused, the server knows more.
    remedy: typeof told === 'string' ? told : remedy,
    retryable,
    retryAfterSeconds: typeof retryAfterSeconds === 'number' ? retryAfterSeconds : undefined,
    requestId: typeof requestId === 'string' ? requestId : undefined,
  };
  return code === 'UNAUTHENTICATED' ? new NotAuthenticatedError(message, details) : new OutportError(message, details);
}
