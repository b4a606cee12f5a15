import { useEffect, useMemo, useState } from 'react';
import { keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { api, type Shapes } from '../api/client.ts';
import { boundsBefore, boundsOn, firstWeekdayOf, groups, type Bounds, type Group } from './groups.ts';

export type Item = Shapes['OpenItem'];
export type Kind = 'all' | 'promise' | 'follow_up';

/** All, what is overdue, or what is due within seven days, as the leaders' page counts both. */
export type Due = 'all' | 'overdue' | 'soon';

const soon = 7 * 86_400_000;

/** Whose commitments are asked for. */
export type Whose = { readonly member?: string; readonly team?: string };

type Page = Shapes['OpenCommitmentsPage'];

/** A group as far as it is there. */
export type Open = {
  readonly group: Group;
  readonly items: readonly Item[];
  /** How many there are, in sight or not. */
  readonly count: number;
  readonly answeredAt: number;
  readonly loading: boolean;
  /** Whether what stands there is of what was asked before. */
  readonly old: boolean;
  readonly loadingMore: boolean;
  readonly failed: unknown;
  readonly more: (() => void) | null;
  readonly again: () => void;
};

export const keyOf = (item: Item): string => `${item.customerId}/${item.commitment}/${item.id}`;

/** How one sort of commitments is asked for. */
export const sortOf = (kind: Kind): { readonly commitment?: 'promise' | 'follow_up' } =>
  kind === 'all' ? {} : { commitment: kind };

/** How what is overdue, or due soon, is asked for as one list. */
export const dayOf = (due: Due): Readonly<Record<string, string>> =>
  due === 'all'
    ? {}
    : due === 'overdue'
      ? { overdue: 'true' }
      : { overdue: 'false', dueTo: new Date(Date.now() + soon).toISOString() };

const root = 'open commitments';

// What the reader has just recorded is waited for, for as long as the views may be behind.
let recorded = { position: -1, until: 0 };

/** The day it is, in the reader's zone; another one from midnight on. */
function useDay(): string {
  const today = () => new Date().toDateString();
  const [day, setDay] = useState(today);
  useEffect(() => {
    const timer = setInterval(() => setDay(today()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return day;
}

/** All groups of what is open, each with pages of its own, so that thousands overdue hide nobody's today. */
export function useOpen(whose: Whose, kind: Kind, due: Due): readonly Open[] {
  const day = useDay();
  const bounds = useMemo(() => {
    const all = boundsOn(new Date(day), firstWeekdayOf(navigator.language));
    if (due === 'overdue') return { overdue: all.overdue, today: null, tomorrow: null, week: null, later: null };
    return due === 'soon' ? boundsBefore(all, new Date(Date.now() + soon).toISOString()) : all;
  }, [day, due]);
  return withoutTwice([
    useGroup('overdue', bounds.overdue, whose, kind),
    useGroup('today', bounds.today, whose, kind),
    useGroup('tomorrow', bounds.tomorrow, whose, kind),
    useGroup('week', bounds.week, whose, kind),
    useGroup('later', bounds.later, whose, kind),
  ]);
}

/** What moves to another day is, between two answers, in both groups: it stands where the later answer has it. */
function withoutTwice(all: readonly Open[]): readonly Open[] {
  const places = new Map<string, Open>();
  for (const open of [...all].sort((a, b) => a.answeredAt - b.answeredAt)) {
    for (const item of open.items) places.set(keyOf(item), open);
  }
  return all.map((open) => ({ ...open, items: open.items.filter((item) => places.get(keyOf(item)) === open) }));
}

function useGroup(group: Group, bounds: Bounds | null, whose: Whose, kind: Kind): Open {
  const answer = useInfiniteQuery({
    queryKey: [root, group, bounds, whose, kind],
    enabled: bounds !== null,
    queryFn: async ({ pageParam, signal }) => {
      const wait = recorded.until > Date.now() ? { atLeast: recorded.position } : {};
      const cursor = pageParam === null ? wait : { cursor: pageParam };
      const { data, error } = await api.GET('/v1/commitments/open', {
        params: { query: { ...bounds, ...whose, ...sortOf(kind), limit: 100, ...cursor } },
        signal,
      });
      if (data === undefined) throw error;
      return data;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = answer;
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return {
    group,
    items,
    count: data?.pages[0]?.total ?? 0,
    answeredAt: answer.dataUpdatedAt,
    loading: bounds !== null && data === undefined && !answer.isError,
    old: answer.isPlaceholderData,
    loadingMore: isFetchingNextPage,
    failed: data === undefined ? answer.error : null,
    more: hasNextPage ? () => void fetchNextPage() : null,
    again: () => void answer.refetch(),
  };
}

/** After something was recorded: what is no longer owed leaves at once, and all is asked again as it is after that. */
export function useRecorded(): (item: Item, leaves: boolean, position: number | null | undefined) => void {
  const known = useQueryClient();
  return (item, leaves, position) => {
    if (position != null) recorded = { position, until: Date.now() + 10_000 };
    if (leaves) {
      for (const group of groups) {
        known.setQueriesData<InfiniteData<Page>>({ queryKey: [root, group] }, (data) => data && without(data, item));
      }
    }
    void known.cancelQueries({ queryKey: [root] }).then(() => known.invalidateQueries());
  };
}

function without(data: InfiniteData<Page>, item: Item): InfiniteData<Page> {
  const key = keyOf(item);
  if (!data.pages.some((page) => page.items.some((other) => keyOf(other) === key))) return data;
  return {
    ...data,
    pages: data.pages.map((page, index) => ({
      ...page,
      ...(index === 0 && page.total != null ? { total: page.total - 1 } : {}),
      items: page.items.filter((other) => keyOf(other) !== key),
    })),
  };
}
