import { useEffect, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Loading } from './States.tsx';
import { keepingPlace } from './place.ts';

/** Brings a row into sight, wherever it is, and gives it the focus. */
export type ToRow = { readonly show: (key: string) => void };

/** A long list of rows that are as high as what stands in them; only those in sight are there. */
export function VirtualRows<Row>({
  label,
  rows,
  total,
  keyOf,
  height,
  children,
  more = null,
  loadingMore = false,
  to,
}: {
  label: string;
  rows: readonly Row[];
  total: number;
  keyOf: (row: Row) => string;
  /** About how high a row is. */
  height: number;
  children: (row: Row, index: number) => ReactNode;
  /** Asks for the next page; null at the end. */
  more?: (() => void) | null;
  loadingMore?: boolean;
  to?: Ref<ToRow>;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan: 8,
    getItemKey: (index) => keyOf(rows[index]!),
    ...keepingPlace(label),
  });
  const [sought, setSought] = useState<string | null>(null);
  const place = sought === null ? -1 : rows.findIndex((row) => keyOf(row) === sought);
  useImperativeHandle(to, () => ({ show: setSought }), []);
  useEffect(() => {
    if (place < 0) return;
    list.scrollToIndex(place, { align: 'center' });
    frame.current?.scrollIntoView({ block: 'center' });
  }, [place, list]);
  const items = list.getVirtualItems();
  const isThere = items.some(({ index }) => index === place);
  useEffect(() => {
    if (!isThere) return; // it comes once the list has been scrolled to it
    frame.current?.querySelector<HTMLElement>(`[data-index="${place}"]`)?.focus({ preventScroll: true });
    setSought(null);
  }, [isThere, place]);
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (more !== null && !loadingMore && last >= rows.length - 20) more();
  }, [last, rows.length, more, loadingMore]);
  return (
    <div className="virtual" ref={frame} tabIndex={0} role="group" aria-label={label}>
      <ol className="body" aria-label={label} style={{ height: list.getTotalSize() }}>
        {items.map((item) => (
          <li
            key={item.key}
            ref={list.measureElement}
            data-index={item.index}
            tabIndex={-1}
            className="virtual-row"
            aria-posinset={item.index + 1}
            aria-setsize={total}
            style={{ transform: `translateY(${item.start}px)` }}
          >
            {children(rows[item.index]!, item.index)}
          </li>
        ))}
      </ol>
      {loadingMore && <Loading height={height} />}
    </div>
  );
}
