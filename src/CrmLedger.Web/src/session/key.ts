import { useSyncExternalStore } from 'react';

/** Why nobody is signed in: he signed out, or the ledger does not take the key any more. */
export type SignedOut = 'never' | 'left' | 'refused';

const name = 'crmledger.key';
const listeners = new Set<() => void>();
let why: SignedOut = 'never';

/** The API key of whoever is signed in, or null. It is kept by this tab, or by this browser when he asked for that. */
export function currentKey(): string | null {
  return sessionStorage.getItem(name) ?? localStorage.getItem(name);
}

export function keepKey(key: string, onThisComputer: boolean): void {
  (onThisComputer ? localStorage : sessionStorage).setItem(name, key);
  tell();
}

export function forgetKey(because: SignedOut): void {
  sessionStorage.removeItem(name);
  localStorage.removeItem(name);
  why = because;
  tell();
}

export const signedOut = (): SignedOut => why;

/** The key, followed: components come again when it changes, in another tab too. */
export function useKey(): string | null {
  return useSyncExternalStore(follow, currentKey);
}

function follow(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

function tell(): void {
  for (const listener of listeners) listener();
}
