import { useQuery } from '@tanstack/react-query';
import { api, type Shapes } from '../api/client.ts';
import type { Commitments, Entry, History } from './entries.ts';

/** A customer's whole history: all pages, as known at one moment, and what became of what was promised since. */
export function useHistory(customerId: string, atLeast: number | undefined, enabled: boolean) {
  return useQuery<History, unknown>({
    queryKey: ['history', customerId, atLeast],
    queryFn: ({ signal }) => wholeHistory(customerId, atLeast, signal),
    enabled,
    placeholderData: (before) => before,
  });
}

async function commitmentsOf(customerId: string, signal: AbortSignal): Promise<Commitments> {
  const { data, error } = await api.GET('/v1/customers/{customerId}/commitments', {
    params: { path: { customerId } },
    signal,
  });
  if (error !== undefined) throw error;
  return data;
}

async function wholeHistory(customerId: string, atLeast: number | undefined, signal: AbortSignal): Promise<History> {
  const events: Entry[] = [];
  let members: Record<string, Shapes['Named']> = {};
  let cursor: string | undefined;
  for (;;) {
    const { data, error } = await api.GET('/v1/customers/{customerId}/history', {
      params: {
        path: { customerId },
        query: { limit: 1_000, ...(cursor === undefined ? (atLeast === undefined ? {} : { atLeast }) : { cursor }) },
      },
      signal,
    });
    if (error !== undefined) throw error;
    events.push(...data.events);
    members = { ...members, ...data.members };
    cursor = data.next;
    if (cursor === undefined) return { ...data, members, events, commitments: await commitmentsOf(customerId, signal) };
  }
}
