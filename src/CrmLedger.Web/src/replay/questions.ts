import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, ask, ledger, type Shapes } from '../api/client.ts';
import { between, type Clock, questionFor, type Shown, type Step } from './moments.ts';

type History = { readonly page: Shapes['HistoryPage']; readonly events: readonly Shown[] };

const mostEvents = 1_000;

/** All that a customer's stream holds, whatever its length. */
export function useHistory(customerId: string) {
  return useQuery({ queryKey: ['replay', 'history', customerId], queryFn: () => readHistory(customerId) });
}

async function readHistory(customerId: string): Promise<History> {
  const events: Shown[] = [];
  let first: Shapes['HistoryPage'] | null = null;
  let cursor: string | undefined;
  do {
    const { data, error } = await api.GET('/v1/customers/{customerId}/history', {
      params: { path: { customerId }, query: { limit: mostEvents, ...(cursor === undefined ? {} : { cursor }) } },
    });
    if (data === undefined) throw error;
    first ??= data;
    events.push(...data.events);
    cursor = data.next ?? undefined;
  } while (cursor !== undefined);
  return { page: first, events };
}

/** What one event did; the one before stays in sight until it is known. */
export function useStep(customerId: string, event: Shown, clock: Clock) {
  return ledger.useQuery(
    'get',
    '/v1/customers/{customerId}/replay',
    {
      params: { path: { customerId }, query: questionFor(event, clock) },
    },
    { placeholderData: keepPreviousData },
  );
}

/** What the events between two moments did. */
export function useBetween(customerId: string, a: Shown, b: Shown, clock: Clock) {
  return useQuery({
    queryKey: ['replay', 'between', customerId, a.version, b.version, clock],
    queryFn: async () => between(await readSteps(customerId, a, b, clock), a, b, clock),
  });
}

async function readSteps(customerId: string, a: Shown, b: Shown, clock: Clock): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const bounds = clock === 'recorded' ? { version: a.version } : { until: b.occurredAt };
  let cursor: string | undefined;
  do {
    const { data, error } = await api.GET('/v1/customers/{customerId}/replay', {
      params: {
        path: { customerId },
        query: { ...bounds, limit: mostEvents, ...(cursor === undefined ? {} : { cursor }) },
      },
    });
    if (data === undefined) throw error;
    steps.push(...data.steps);
    const isPast = clock === 'recorded' && steps.some((step) => step.event.version >= b.version);
    cursor = isPast ? undefined : (data.next ?? undefined);
  } while (cursor !== undefined);
  return steps;
}

export type Found = { readonly customerId: string; readonly name: string; readonly reference: string };

/** Customers by parts of their names or references. */
export function useFound(text: string) {
  return useQuery({
    queryKey: ['replay', 'find', text],
    enabled: text.length > 0,
    placeholderData: keepPreviousData,
    queryFn: () => find(text),
  });
}

async function find(text: string): Promise<readonly Found[]> {
  const response = await ask(new Request(`/v1/loyalty/customers?${new URLSearchParams({ find: text, limit: '20' })}`));
  const answer: unknown = await response.json();
  if (!response.ok) throw answer;
  return (answer as Shapes['LoyaltyCustomersPage']).items.map(({ customerId, customer }) => ({
    customerId,
    name: customer?.name ?? customerId,
    reference: customer?.reference ?? '',
  }));
}
