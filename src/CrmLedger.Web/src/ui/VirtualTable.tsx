import { useEffect, useRef, type ReactNode } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { ShownColumn } from './Table.tsx';
import { Loading } from './States.tsx';
import { useNarrow } from './narrow.ts';
import { keepingPlace } from './place.ts';

/** A long list: only the rows in sight are there, and the next page is asked for before its end is reached. */
export function VirtualTable<Row>({
  caption,
  columns: all,
  widths,
  widthsOnPhone,
  rows,
  total,
  keyOf,
  more,
  loadingMore,
  rowHeight = 46,
}: {
  caption: string;
  columns: readonly (ShownColumn<Row> & { readonly onPhone?: boolean })[];
  /** CSS grid column widths, such as "2fr 1fr 120px". */
  widths: string;
  /** The same for the columns that a phone shows; without it a phone shows all of them. */
  widthsOnPhone?: string;
  rows: readonly Row[];
  total: number;
  keyOf: (row: Row) => string;
  /** Asks for the next page; null at the end. */
  more: (() => void) | null;
  loadingMore: boolean;
  rowHeight?: number;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const isNarrow = useNarrow() && widthsOnPhone !== undefined;
  const columns = isNarrow ? all.filter((column) => column.onPhone) : all;
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    getItemKey: (index) => keyOf(rows[index]!),
    ...keepingPlace(caption),
  });
  const items = list.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (more !== null && !loadingMore && last >= rows.length - 20) more();
  }, [last, rows.length, more, loadingMore]);
  const style = { gridTemplateColumns: isNarrow ? widthsOnPhone : widths };
  return (
    <div className="virtual" ref={frame} role="table" aria-label={caption} aria-rowcount={total + 1} tabIndex={0}>
      <div role="rowgroup" className="head">
        <div role="row" style={{ ...style, minHeight: 34 }} aria-rowindex={1}>
          {columns.map((c) => (
            <span key={c.title} role="columnheader" style={{ textAlign: c.toRight ? 'right' : 'left' }}>
              {c.title}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="body" style={{ height: list.getTotalSize() }}>
        {items.map((item) => (
          <div
            key={item.key}
            role="row"
            aria-rowindex={item.index + 2}
            style={{ ...style, height: rowHeight, transform: `translateY(${item.start}px)` }}
          >
            {columns.map((c) => (
              <span
                key={c.title}
                role="cell"
                className={c.toRight ? 'number' : ''}
                style={{ textAlign: c.toRight ? 'right' : 'left' }}
              >
                {cellOf(c, rows[item.index]!)}
              </span>
            ))}
          </div>
        ))}
      </div>
      {loadingMore && <Loading height={rowHeight} />}
    </div>
  );
}

const cellOf = <Row,>(column: ShownColumn<Row>, row: Row): ReactNode =>
  column.show ? column.show(row) : column.text(row);
