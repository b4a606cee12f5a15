import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { api, type Shapes } from '../api/client.ts';

export type Filters = { find: string; stage: string; risk: string; segment: string; order: string };

export const none: Filters = { find: '', stage: '', risk: '', segment: '', order: '' };

/** The filters as the API's parameters: what is not asked for is left out. */
export const asQuery = (filters: Filters): Record<string, string> =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));

type Page = Shapes['LoyaltyCustomersPage'];

/** Customers that fit the filters, a page at a time; those before stay in sight until the new ones are there. */
export function useCustomers(filters: Filters) {
  return useInfiniteQuery<Page, unknown, { pages: Page[] }, unknown[], string>({
    queryKey: ['customers', filters],
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam === '' ? {} : { cursor: pageParam };
      const { data, error } = await api.GET('/v1/loyalty/customers', {
        params: { query: { ...asQuery(filters), ...cursor } },
        signal,
      });
      if (error !== undefined) throw error;
      return data;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}
