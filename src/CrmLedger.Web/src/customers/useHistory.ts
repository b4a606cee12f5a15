import { useQuery } from '@tanstack/react-query';
import { api, type Shapes } from '../api/client.ts';
import type { Entry, History } from './entries.ts';

/** A customer's whole history: all pages, as known at one moment. */
export function useHistory(customerId: string, atLeast: number | undefined, enabled: boolean) {
  return useQuery<History, unknown>({
    queryKey: ['history', customerId, atLeast],
    queryFn: ({ signal }) => wholeHistory(customerId, atLeast, signal),
    enabled,
    placeholderData: (before) => before,
  });
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
    if (cursor === undefined) return { ...data, members, events };
  }
}
