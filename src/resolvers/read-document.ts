import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { maxAliasesRule } from './validation-rules/max-aliases.ts';
import { maxDepthRule } from './validation-rules/max-depth.ts';

/** What a document may hold, checked before any resolver runs, whichever way it came. */
export const PARSE_OPTIONS = { maxTokens: 1_000 };
export const LIMIT_RULES: readonly ValidationRule[] = [maxDepthRule, maxAliasesRule];

export type ReadDocument =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

/** Parses and validates a document as the HTTP endpoint does, for operations that come over a WebSocket. */
export function readDocument(
  schema: GraphQLSchema,
  source: string,
  { introspection }: { readonly introspection: boolean },
): ReadDocument {
  let document: DocumentNode;
  try {
    document = parse(source, PARSE_OPTIONS);
  } catch (error) {
    if (error instanceof GraphQLError) return { ok: false, errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
    throw error;
  }
  const rules = [...specifiedRules, ...LIMIT_RULES, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  const errors = validate(schema, document, rules, { hideSuggestions: true });
  if (errors.length === 0) return { ok: true, document };
  return { ok: false, errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
}

const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, { ...error, extensions: { ...error.extensions, code } });
