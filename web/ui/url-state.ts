import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

export type UrlValues<Name extends string> = Readonly<Record<Name, string>>;

/** Changes values of the address; an empty one leaves it. Of what is typed, only the last state is kept in the history. */
export type SetUrlValues<Name extends string> = (
  values: Partial<UrlValues<Name>>,
  history?: { readonly replace?: boolean },
) => void;

/** What a page shows, in its address: it can be bookmarked, sent to somebody and gone back to. */
export function useUrlState<Name extends string>(names: readonly Name[]): [UrlValues<Name>, SetUrlValues<Name>] {
  const [params, setParams] = useSearchParams();
  const values = Object.fromEntries(names.map((name) => [name, params.get(name) ?? ''])) as UrlValues<Name>;
  const set: SetUrlValues<Name> = useCallback(
    (changes, { replace = false } = {}) =>
      setParams(
        (current) => {
          const next = new URLSearchParams(current);
          for (const [name, value] of Object.entries<string | undefined>(changes)) {
            if (value) next.set(name, value);
            else next.delete(name);
          }
          return next;
        },
        { replace },
      ),
    [setParams],
  );
  return [values, set];
}
