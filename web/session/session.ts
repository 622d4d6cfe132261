import { useSyncExternalStore } from 'react';

/** Why nobody is signed in. */
export type SignedOut = 'NOT_YET' | 'BY_CHOICE' | 'REFUSED';

export type Session = { readonly token: string } | { readonly token: null; readonly why: SignedOut };

/** Of this tab, and gone with it: a token is worth what its person may do. */
const KEY = 'outport.token';

const listeners = new Set<() => void>();
let session: Session = begin();

/** Takes the token that a link carries in its fragment, which no server sees, and leaves no trace of it in the history. */
function begin(): Session {
  const carried = new URLSearchParams(location.hash.slice(1)).get('token');
  if (carried) {
    sessionStorage.setItem(KEY, carried);
    history.replaceState(history.state, '', location.pathname + location.search);
  }
  const token = sessionStorage.getItem(KEY);
  return token ? { token } : { token: null, why: 'NOT_YET' };
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

export function signIn(token: string): void {
  sessionStorage.setItem(KEY, token);
  change({ token });
}

export function signOut(why: Exclude<SignedOut, 'NOT_YET'>): void {
  sessionStorage.removeItem(KEY);
  change({ token: null, why });
}

// A link followed in a tab that has the console open changes nothing but the fragment.
addEventListener('hashchange', () => {
  const next = begin();
  if (next.token !== session.token) change(next);
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useSession = (): Session => useSyncExternalStore(subscribe, () => session);
