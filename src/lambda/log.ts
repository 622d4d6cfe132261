import { GraphQLError } from 'graphql';

/** What a line is about. Never a token, a header or what a client sent. */
export interface LogFields {
  readonly requestId: string;
  readonly exportId?: string;
  readonly [name: string]: string | number | readonly string[] | null | undefined;
}

/** Prints one line of JSON, which CloudWatch Logs Insights reads by its fields. */
export function log(level: 'INFO' | 'ERROR', message: string, fields: LogFields): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));
}

/** Logs a failure that no caller is told about, with the stack of what caused it. */
export function logError(error: unknown, where: LogFields): void {
  const path = error instanceof GraphQLError ? error.path?.join('.') : undefined;
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const { message, stack } = cause instanceof Error ? cause : { message: String(cause), stack: undefined };
  log('ERROR', message, { ...where, path, stack });
}
