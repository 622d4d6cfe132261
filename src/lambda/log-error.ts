import { GraphQLError } from 'graphql';

/** Logs a failure that no caller is told about, as one line of JSON with the stack of what caused it. */
export function logError(error: unknown, where: { readonly requestId: string; readonly about?: string }): void {
  const path = error instanceof GraphQLError ? error.path?.join('.') : undefined;
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const { message, stack } = cause instanceof Error ? cause : { message: String(cause), stack: undefined };
  console.log(JSON.stringify({ level: 'ERROR', ...where, path, message, stack }));
}
