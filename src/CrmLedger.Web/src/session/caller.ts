import { createContext, useContext } from 'react';
import type { Shapes } from '../api/client.ts';

/** Who is signed in: the tenant, the key and what it may do. */
export type Caller = Shapes['Caller'];

export const CallerContext = createContext<Caller | null>(null);

/** Who is signed in; below the shell there is always somebody. */
export function useCaller(): Caller {
  return useContext(CallerContext)!;
}

export const mayDo = (caller: Caller, ...anyOf: readonly ('append' | 'read' | 'lead' | 'audit')[]): boolean =>
  caller.scopes.includes('admin') || anyOf.some((scope) => caller.scopes.includes(scope));
