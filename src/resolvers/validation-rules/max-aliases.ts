import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

const ALIASES_MAX = 15;

/** A document is invalid when it has more than 15 aliases, by which one request could do the work of many. */
export function maxAliasesRule(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  return {
    Field(node) {
      if (!node.alias) return;
      aliases += 1;
      if (aliases !== ALIASES_MAX + 1) return;
      context.reportError(
        new GraphQLError(`The document has more than ${ALIASES_MAX} aliases.`, {
          nodes: node,
          extensions: { reason: 'TOO_MANY_ALIASES' },
        }),
      );
    },
  };
}
