import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';
import { foldSelections } from './fold-selections.ts';

/** Levels of fields. Relay's connections take three of them: `exports { edges { node { … } } }`. */
const DEPTH_MAX = 10;

/**
 * An operation is invalid when its fields are nested more than 10 levels deep, fragments included: a deep query is how
 * a short text asks for a lot of work. Introspection is left to graphql-js' own MaxIntrospectionDepthRule.
 */
export function maxDepthRule(context: ValidationContext): ASTVisitor {
  const depthOf = foldSelections(context, {
    field: ({ name }, selections) => (name.value.startsWith('__') ? 0 : 1 + selections),
    all: (depths) => Math.max(0, ...depths),
  });
  return {
    OperationDefinition(node) {
      const depth = depthOf(node.selectionSet);
      if (depth <= DEPTH_MAX) return;
      context.reportError(
        new GraphQLError(`The query is ${depth} levels deep, the limit is ${DEPTH_MAX}.`, {
          nodes: node,
          extensions: { reason: 'QUERY_TOO_DEEP' },
        }),
      );
    },
  };
}
