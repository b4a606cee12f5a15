import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import type { Action } from '../commitments/commitment.ts';
import { texts } from '../texts.ts';
import { Failed, Loading } from '../ui/States.tsx';
import { formatCount } from '../ui/format.ts';
import { ItemRow } from './ItemRow.tsx';
import type { Group } from './groups.ts';
import { keyOf, type Item, type Open } from './useOpen.ts';

type Row =
  | { readonly is: 'head'; readonly open: Open }
  | { readonly is: 'item'; readonly item: Item }
  | { readonly is: 'more' | 'loading' | 'failed'; readonly open: Open };

const rowKey = (row: Row): string => (row.is === 'item' ? keyOf(row.item) : `${row.is} ${row.open.group}`);
const heights: Readonly<Record<Row['is'], number>> = { head: 56, item: 104, more: 60, loading: 104, failed: 160 };

export const countOf = (open: Open): string => formatCount(open.count);

function rowsOf(all: readonly Open[]): Row[] {
  return all.flatMap((open): Row[] => {
    if (open.failed)
      return [
        { is: 'head', open },
        { is: 'failed', open },
      ];
    if (open.loading)
      return [
        { is: 'head', open },
        { is: 'loading', open },
      ];
    if (open.items.length === 0 && open.more === null) return [];
    return [
      { is: 'head', open },
      ...open.items.map((item): Row => ({ is: 'item', item })),
      ...(open.more === null ? [] : [{ is: 'more', open } as const]),
    ];
  });
}

/** The groups below one another; only the rows in sight are there. */
export function OpenList({
  all,
  act,
  goTo,
  focus,
}: {
  all: readonly Open[];
  act: ((item: Item, action: Action) => void) | null;
  /** A group to go to; another object each time. */
  goTo: { readonly group: Group } | null;
  /** The key of an item that is to have the focus; another object each time. */
  focus: { readonly key: string } | null;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const rows = useMemo(() => rowsOf(all), [all]);
  useLayoutEffect(() => {
    setTop((place.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, [rows.length]);
  const getItemKey = useCallback((index: number) => rowKey(rows[index]!), [rows]);
  const list = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => heights[rows[index]!.is],
    overscan: 8,
    scrollMargin: top,
    getItemKey,
  });
  useEffect(() => {
    const index = goTo === null ? -1 : rows.findIndex((row) => row.is === 'head' && row.open.group === goTo.group);
    if (index >= 0) list.scrollToIndex(index, { align: 'start' });
    if (index >= 0) focusSoon(`[data-group="${goTo!.group}"]`);
    // Only when somebody wants to go there, and not when rows come or leave.
  }, [goTo]);
  useEffect(() => {
    if (focus === null) return;
    const index = rows.findIndex((row) => rowKey(row) === focus.key);
    if (index >= 0) list.scrollToIndex(index, { align: 'auto' });
    focusSoon(index >= 0 ? `[data-item="${CSS.escape(focus.key)}"]` : 'h1');
  }, [focus]);
  return (
    <div ref={place} className="open-list" style={{ height: list.getTotalSize() }}>
      {list.getVirtualItems().map((shown) => (
        <div
          key={shown.key}
          data-index={shown.index}
          ref={list.measureElement}
          className="open-row"
          style={{ transform: `translateY(${shown.start - top}px)` }}
        >
          <OneRow row={rows[shown.index]!} act={act} />
        </div>
      ))}
    </div>
  );
}

/** When the list stands where it was scrolled to. */
function focusSoon(selector: string, tries = 20): void {
  requestAnimationFrame(() => {
    const target = document.querySelector<HTMLElement>(selector);
    if (target) target.focus();
    else if (tries > 0) focusSoon(selector, tries - 1);
  });
}

function OneRow({ row, act }: { row: Row; act: ((item: Item, action: Action) => void) | null }) {
  switch (row.is) {
    case 'item':
      return <ItemRow item={row.item} act={act && ((action) => act(row.item, action))} />;
    case 'head':
      return (
        <h2 className="group-head" data-group={row.open.group} tabIndex={-1}>
          {texts.today.groups[row.open.group]} <span className="badge">{countOf(row.open)}</span>
        </h2>
      );
    case 'loading':
      return <Loading height={90} />;
    case 'failed':
      return <Failed thrown={row.open.failed} again={row.open.again} />;
    case 'more':
      return (
        <div className="more-row">
          <button type="button" className="button" disabled={row.open.loadingMore} onClick={() => row.open.more?.()}>
            {texts.today.next(countOf(row.open))}
          </button>
        </div>
      );
  }
}
