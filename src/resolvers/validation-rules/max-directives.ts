import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

const DIRECTIVES_MAX = 50;

/** A document is invalid when it has more than 50 directives, each of which costs time before anything runs. */
export function maxDirectivesRule(context: ValidationContext): ASTVisitor {
  let directives = 0;
  return {
    Directive(node) {
      directives += 1;
      if (directives !== DIRECTIVES_MAX + 1) return;
      context.reportError(
        new GraphQLError(`The document has more than ${DIRECTIVES_MAX} directives.`, {
          nodes: node,
          extensions: { reason: 'TOO_MANY_DIRECTIVES' },
        }),
      );
    },
  };
}
