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

export const PARSE_OPTIONS = { maxTokens: 1_000 };

const LIMIT_RULES: readonly ValidationRule[] = [maxDepthRule, maxAliasesRule];

/**
 * What makes a document too much to look at, whichever way it came. Checked before it is validated against the schema,
 * which takes time that grows with the square of a document's fields.
 */
export const exceededLimits = (schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] =>
  validate(schema, document, LIMIT_RULES).map(invalid);

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
  const tooMuch = exceededLimits(schema, document);
  if (tooMuch.length > 0) return { ok: false, errors: tooMuch };
  const rules = [...specifiedRules, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  const errors = validate(schema, document, rules, { hideSuggestions: true }).map(invalid);
  return errors.length === 0 ? { ok: true, document } : { ok: false, errors };
}

const invalid = (error: GraphQLError): GraphQLError => withCode(error, 'GRAPHQL_VALIDATION_FAILED');

const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, { ...error, extensions: { ...error.extensions, code } });
