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
import { maxCostRule, type Variables } from './validation-rules/max-cost.ts';
import { maxDepthRule } from './validation-rules/max-depth.ts';
import { maxDirectivesRule } from './validation-rules/max-directives.ts';
import { noDataInSubscriptionsRule } from './validation-rules/no-data-in-subscriptions.ts';

export const PARSE_OPTIONS = { maxTokens: 1_000 };

const limitRules = (variables: Variables): ValidationRule[] => [
  maxDepthRule,
  maxAliasesRule,
  maxDirectivesRule,
  maxCostRule(variables),
  noDataInSubscriptionsRule,
];

export type ReadDocument =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

/**
 * Parses a document and holds it against the limits, before it is validated against the schema: that takes time which
 * grows with the square of a document's fields. The variables are as they were sent: what a page costs depends on them.
 */
export function readWithinLimits(schema: GraphQLSchema, source: string, variables: Variables): ReadDocument {
  try {
    const document = parse(source, PARSE_OPTIONS);
    return validated(document, validate(schema, document, limitRules(variables)));
  } catch (error) {
    if (error instanceof GraphQLError) return { ok: false, errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
    throw error;
  }
}

/** Parses and validates a document as the HTTP endpoint does, for operations that come over a WebSocket. */
export function readDocument(
  schema: GraphQLSchema,
  source: string,
  variables: Variables,
  { introspection }: { readonly introspection: boolean },
): ReadDocument {
  const read = readWithinLimits(schema, source, variables);
  if (!read.ok) return read;
  const rules = [...specifiedRules, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  return validated(read.document, validate(schema, read.document, rules, { hideSuggestions: true }));
}

const validated = (document: DocumentNode, errors: readonly GraphQLError[]): ReadDocument =>
  errors.length === 0
    ? { ok: true, document }
    : { ok: false, errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };

const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, { ...error, extensions: { ...error.extensions, code } });
