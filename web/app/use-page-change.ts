import { type RefObject, useEffect, useRef } from 'react';
import { useLocation, useNavigationType } from 'react-router';

/**
 * What browsers do when a document is loaded, which a page of this console is not: a page that is gone to, and the next page
 * of a list, begin at their top, and whoever uses a keyboard or a screen reader begins with the page, not where they were in
 * the one before. Going back leaves both to the browser.
 */
export function usePageChange(page: RefObject<HTMLElement | null>): void {
  const { pathname, search } = useLocation();
  const type = useNavigationType();
  const after = new URLSearchParams(search).get('after');
  const shown = useRef({ pathname, after });

  useEffect(() => {
    const before = shown.current;
    shown.current = { pathname, after };
    if (type !== 'PUSH') return;
    if (before.pathname !== pathname || (before.after !== after && after !== null)) scrollTo(0, 0);
    if (before.pathname !== pathname) page.current?.focus({ preventScroll: true });
  }, [pathname, after, type, page]);
}
