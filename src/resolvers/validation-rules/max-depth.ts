import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** Levels of fields. Relay's connections take three of them: `exports { edges { node { … } } }`. */
const DEPTH_MAX = 10;

/**
 * An operation is invalid when its fields are nested more than 10 levels deep, fragments included: a deep query is how
 * a short text asks for a lot of work. Introspection is left to graphql-js' own MaxIntrospectionDepthRule.
 */
export function maxDepthRule(context: ValidationContext): ASTVisitor {
  const depthOfFragment = new Map<string, number>();
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

  function depthOf({ selections }: SelectionSetNode): number {
    const depths = selections.map((selection) => {
      switch (selection.kind) {
        case Kind.FIELD:
          if (selection.name.value.startsWith('__')) return 0;
          return 1 + (selection.selectionSet ? depthOf(selection.selectionSet) : 0);
        case Kind.INLINE_FRAGMENT:
          return depthOf(selection.selectionSet);
        case Kind.FRAGMENT_SPREAD: {
          const fragment = context.getFragment(selection.name.value);
          return fragment ? depthOfFragmentOnce(fragment) : 0;
        }
        default:
          return selection satisfies never;
      }
    });
    return Math.max(0, ...depths);
  }

  function depthOfFragmentOnce({ name, selectionSet }: FragmentDefinitionNode): number {
    const known = depthOfFragment.get(name.value);
    if (known !== undefined) return known;
    // A fragment that contains itself is another rule's error; here it only must not go on forever.
    depthOfFragment.set(name.value, 0);
    const depth = depthOf(selectionSet);
    depthOfFragment.set(name.value, depth);
    return depth;
  }
}
