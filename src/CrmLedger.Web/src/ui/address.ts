import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useSearchParams } from 'wouter';

/**
 * Filters live in the address, so that a page can be sent to somebody and opened again as it was.
 * A filter at its default is left out of it.
 */
export function useAddress<T extends Record<string, string>>(defaults: T): [T, (changes: Partial<T>) => void] {
  const [params, setParams] = useSearchParams();
  // The same object while they are the same, so that `useDeferredValue` can tell that nothing changed.
  const values = useMemo(
    () => Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, params.get(name) ?? value])) as T,
    [String(params), ...Object.values(defaults)],
  );
  const left = useRef(defaults);
  useEffect(() => {
    left.current = defaults;
  });
  // The same function for as long as the page is there: pictures that call it are not drawn anew.
  const change = useCallback(
    (changes: Partial<T>) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value === undefined || value === left.current[name]) next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  return [values, change];
}
