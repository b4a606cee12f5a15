import { useState, type ReactNode } from 'react';
import { texts } from '../texts.ts';
import { download, toCsv, type Column } from './csv.ts';
import { formatCount } from './format.ts';

export type ShownColumn<Row> = Column<Row> & { readonly show?: (row: Row) => ReactNode };

/** A table of a few hundred rows at most; long lists are VirtualTable's. */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  csv,
  first = rows.length,
}: {
  caption: string;
  columns: readonly ShownColumn<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** The name of the file that it exports, without its ending; no export without one. */
  csv?: string;
  /** How many rows stand there until all are asked for; the file that it exports always holds all. */
  first?: number;
}) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? rows : rows.slice(0, first);
  return (
    <>
      <div className="table-frame" tabIndex={0} role="group" aria-label={caption}>
        <table className="table">
          <caption className="hidden-but-read">{caption}</caption>
          <thead>
            <tr>
              {columns.map((c) => (
                <th key={c.title} scope="col" className={c.toRight ? 'to-right' : ''}>
                  {c.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((c) => (
                  <td key={c.title} className={c.toRight ? 'to-right' : ''}>
                    {c.show ? c.show(row) : c.text(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(csv || rows.length > first) && (
        <div className="table-foot">
          {rows.length > first && (
            <button type="button" className="button quiet small" onClick={() => setWhole(!isWhole)}>
              {isWhole ? texts.table.fewer(formatCount(first)) : texts.table.whole(formatCount(rows.length))}
            </button>
          )}
          {csv && <CsvButton name={csv} columns={columns} rows={rows} />}
        </div>
      )}
    </>
  );
}

export function CsvButton<Row>({
  name,
  columns,
  rows,
}: {
  name: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
}) {
  return (
    <button
      type="button"
      className="button quiet small"
      onClick={() => download(`${name}.csv`, 'text/csv;charset=utf-8', toCsv(columns, rows))}
    >
      {texts.table.csv}
    </button>
  );
}
