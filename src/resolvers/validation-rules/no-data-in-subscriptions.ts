import { type ASTVisitor, GraphQLError, OperationTypeNode, type ValidationContext } from 'graphql';
import { foldSelections } from './fold-selections.ts';

/** What of an export is read from S3 or the audit. */
const READ_ON_DEMAND = new Set(['files', 'preview', 'snippets', 'story']);

/**
 * A subscription is invalid when it asks for what an export has written, or for its story: a query does that, once and
 * when somebody looks. Whoever tells subscribers, at every change and without anybody's request, has no right to read either.
 */
export function noDataInSubscriptionsRule(context: ValidationContext): ASTVisitor {
  const count = foldSelections(context, {
    field: ({ name }, selections) => (READ_ON_DEMAND.has(name.value) ? 1 : 0) + selections,
    all: (counts) => counts.reduce((sum, each) => sum + each, 0),
  });
  return {
    OperationDefinition(node) {
      if (node.operation !== OperationTypeNode.SUBSCRIPTION || count(node.selectionSet) === 0) return;
      const fields = [...READ_ON_DEMAND].join(', ');
      context.reportError(
        new GraphQLError(`A subscription cannot ask for any of ${fields}. Read them with a query.`, {
          nodes: node,
          extensions: { reason: 'DATA_IN_SUBSCRIPTION' },
        }),
      );
    },
  };
}
