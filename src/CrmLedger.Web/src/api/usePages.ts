import { useMemo } from 'react';
import { useInfiniteQuery, type UseInfiniteQueryResult } from '@tanstack/react-query';

type Page<Row> = { readonly items: readonly Row[]; readonly total: number; readonly next?: string | null };
type Given<P> = Promise<{ data?: P; error?: unknown }>;

/** A list that comes in pages, each asked for with the cursor that the one before gave. */
export type Pages<P, Row> = {
  readonly answer: UseInfiniteQueryResult<unknown, unknown>;
  /** The first page, which says what holds for all of them; undefined before it is there. */
  readonly first: P | undefined;
  readonly rows: readonly Row[];
  /** Asks for the next page; null at the end. */
  readonly more: (() => void) | null;
  readonly loadingMore: boolean;
};

/** Follows a list; `ask` is given the cursor of the page that is wanted, undefined for the first. */
export function usePages<P extends Page<unknown>>(
  key: readonly unknown[],
  ask: (cursor: string | undefined) => Given<P>,
): Pages<P, P['items'][number]> {
  const answer = useInfiniteQuery({
    queryKey: key,
    queryFn: async ({ pageParam }) => {
      const { data, error } = await ask(pageParam);
      if (data === undefined) throw error;
      return data;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = useMemo(() => answer.data?.pages.flatMap((page) => page.items) ?? [], [answer.data]);
  return {
    answer,
    first: answer.data?.pages[0],
    rows,
    more: answer.hasNextPage ? () => void answer.fetchNextPage() : null,
    loadingMore: answer.isFetchingNextPage,
  };
}
