import { useSyncExternalStore } from 'react';
import { useCaller } from './caller.ts';

/** One of the tenant's own people. */
export type Member = {
  readonly memberId: string;
  readonly name: string;
  readonly team: string | null;
  readonly tenant: string;
};

const kept = 'crmledger.me';
const listeners = new Set<() => void>();

/** Who of the members the reader is, as he said once on this computer; null before that and in another tenant. */
export function useMe(): Member | null {
  const { tenant } = useCaller();
  const text = useSyncExternalStore(follow, () => localStorage.getItem(kept));
  const me = text === null ? null : read(text);
  return me?.tenant === tenant ? me : null;
}

export function setMe(member: Member): void {
  localStorage.setItem(kept, JSON.stringify(member));
  for (const listener of listeners) listener();
}

function read(text: string): Member | null {
  try {
    const value: unknown = JSON.parse(text);
    return isMember(value) ? value : null;
  } catch {
    return null; // something else was written there
  }
}

const isMember = (value: unknown): value is Member =>
  typeof value === 'object' &&
  value !== null &&
  ['memberId', 'name', 'tenant'].every((field) => typeof (value as Record<string, unknown>)[field] === 'string');

function follow(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}
