import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { foldSelections } from './fold-selections.ts';

const COST_MAX = 5_000;
const OBJECT_COST = 2;
const SCALAR_COST = 1;
/** What fields cost more that ask AWS, by the calls and bytes behind them. */
const COSTS_BY_NAME: Readonly<Record<string, number>> = {
  recovery: 5,
  files: 20,
  preview: 200,
  snippets: 200,
  verdict: 50,
};
/** A longer page is refused by itself, and needs not be called too costly as well. */
const PAGE_MAX = 100;

/** The values of an operation's variables, as they were sent: not yet checked against their types. */
export type Variables = Readonly<Record<string, unknown>>;

/**
 * What running an operation may cost at most: 2 for every object and 1 for every scalar that it can return, where a
 * list of `first` items has so many of each, and more for what AWS is asked for.
 */
function costOf(
  context: Pick<ValidationContext, 'getFragment'>,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const cost = foldSelections(context, {
    field: (node, selections) =>
      (node.selectionSet ? OBJECT_COST + selections : SCALAR_COST) * pageOf(node, operation, variables) +
      (COSTS_BY_NAME[node.name.value] ?? 0),
    all: (costs) => costs.reduce((sum, each) => sum + each, 0),
  });
  return cost(operation.selectionSet);
}

/** What callers are told of an operation that is within the limit, in `extensions` of its answer. */
export function costExtension(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables) {
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
  const requested = costOf({ getFragment: (name) => fragments.get(name) }, operation, variables);
  return { cost: { requested, limit: COST_MAX } };
}

/** How many items a field returns: its argument `first`, or 1. What cannot be known counts as the longest page. */
function pageOf({ arguments: args = [] }: FieldNode, operation: OperationDefinitionNode, variables: Variables): number {
  const value = args.find(({ name }) => name.value === 'first')?.value;
  if (!value) return 1;
  if (value.kind === Kind.INT) return withinPage(Number(value.value));
  if (value.kind !== Kind.VARIABLE) return PAGE_MAX;
  const { name } = value;
  const sent = variables[name.value];
  if (sent !== undefined) return withinPage(Number(sent));
  const { defaultValue } =
    operation.variableDefinitions?.find(({ variable }) => variable.name.value === name.value) ?? {};
  return defaultValue?.kind === Kind.INT ? withinPage(Number(defaultValue.value)) : PAGE_MAX;
}

const withinPage = (first: number): number => (first >= 1 && first <= PAGE_MAX ? first : PAGE_MAX);

/** An operation is invalid when it costs more than 5,000, however few words it takes to ask for so much. */
export function maxCostRule(variables: Variables): ValidationRule {
  return (context) => ({
    OperationDefinition(node) {
      const cost = costOf(context, node, variables);
      if (cost <= COST_MAX) return;
      context.reportError(
        new GraphQLError(
          `The operation costs ${cost}, the limit is ${COST_MAX}. Ask for shorter pages or fewer fields.`,
          {
            nodes: node,
            extensions: { reason: 'QUERY_TOO_COSTLY', cost: { requested: cost, limit: COST_MAX } },
          },
        ),
      );
    },
  });
}
