import { useEffect, useSyncExternalStore } from 'react';

let said: { text: string } | null = null;
const listeners = new Set<() => void>();

/** Says for some seconds that something was done. */
export function toast(text: string): void {
  say({ text });
}

function say(next: { text: string } | null): void {
  said = next;
  for (const listener of listeners) listener();
}

const follow = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

/** The place where it is said; read out also when nobody looks. */
export function Toasts() {
  const now = useSyncExternalStore(follow, () => said);
  useEffect(() => {
    if (now === null) return;
    const timer = setTimeout(() => {
      if (said === now) say(null);
    }, 6_000);
    return () => clearTimeout(timer);
  }, [now]);
  return (
    <div role="status" aria-live="polite">
      {now && <div className="toast">{now.text}</div>}
    </div>
  );
}
