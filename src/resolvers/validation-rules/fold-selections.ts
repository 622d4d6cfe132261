import {
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

export interface Fold {
  /** The measure of a field, given that of its selections; 0 for one that has none. */
  readonly field: (node: FieldNode, selections: number) => number;
  /** The measure of a selection set, given those of its selections. */
  readonly all: (measures: readonly number[]) => number;
}

/** Measures the selection sets of one document, following its fragments, each of which is measured once. */
export function foldSelections(
  context: Pick<ValidationContext, 'getFragment'>,
  { field, all }: Fold,
): (selectionSet: SelectionSetNode) => number {
  const measureOfFragment = new Map<string, number>();
  return measure;

  function measure({ selections }: SelectionSetNode): number {
    return all(
      selections.map((selection) => {
        switch (selection.kind) {
          case Kind.FIELD:
            return field(selection, selection.selectionSet ? measure(selection.selectionSet) : 0);
          case Kind.INLINE_FRAGMENT:
            return measure(selection.selectionSet);
          case Kind.FRAGMENT_SPREAD: {
            const fragment = context.getFragment(selection.name.value);
            return fragment ? measureFragmentOnce(fragment) : 0;
          }
          default:
            return selection satisfies never;
        }
      }),
    );
  }

  function measureFragmentOnce({ name, selectionSet }: FragmentDefinitionNode): number {
    const known = measureOfFragment.get(name.value);
    if (known !== undefined) return known;
    // A fragment that contains itself is another rule's error; here it only must not go on forever.
    measureOfFragment.set(name.value, 0);
    const measured = measure(selectionSet);
    measureOfFragment.set(name.value, measured);
    return measured;
  }
}
