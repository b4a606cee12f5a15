import { useCallback, useEffect, useRef, useState } from 'react';
import type { EChartsOption } from 'echarts';
import { useTheme } from '../layout/theme.ts';
import { texts } from '../texts.ts';
import { CsvButton, Table, type ShownColumn } from './Table.tsx';
import { Loading } from './States.tsx';

/**
 * A picture, and the table behind it, which says the same: for who cannot see it, and for who wants the numbers.
 * Tooltips are drawn, not written as markup, so that nobody's name can become any.
 */
export function Chart<Row>({
  title,
  summary,
  height = 280,
  option,
  columns,
  rows,
  keyOf,
  csv,
  click,
}: {
  /** What it shows, in words, for who cannot see it. */
  title: string;
  summary: string;
  height?: number;
  /** Drawn anew when it changes; `useMemo` it. Colours come from `colourOf`, so it is made when the theme is known. */
  option: () => EChartsOption;
  columns: readonly ShownColumn<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  csv: string;
  /** Is told which point was clicked: the index in its series, and the series' name. */
  click?: (index: number, series: string) => void;
}) {
  const [asTable, setAsTable] = useState(false);
  const [missing, setMissing] = useState(false);
  const toTable = useCallback(() => {
    setMissing(true);
    setAsTable(true);
  }, []);
  return (
    <figure>
      {asTable && missing && <p className="muted small">{texts.table.noPicture}</p>}
      {asTable ? (
        <Table caption={title} columns={columns} rows={rows} keyOf={keyOf} />
      ) : (
        <Canvas
          title={`${title}. ${summary}`}
          height={height}
          option={option}
          missing={toTable}
          {...(click ? { click } : {})}
        />
      )}
      <figcaption className="row" style={{ justifyContent: 'flex-end' }}>
        <span className="hidden-but-read">{summary}</span>
        <button
          type="button"
          className="button quiet small"
          onClick={() => setAsTable(!asTable)}
          aria-label={`${asTable ? texts.table.hide : texts.table.show}: ${title}`}
        >
          {asTable ? texts.table.hide : texts.table.show}
        </button>
        <CsvButton name={csv} columns={columns} rows={rows} />
      </figcaption>
    </figure>
  );
}

function Canvas({
  title,
  height,
  option,
  missing,
  click,
}: {
  title: string;
  height: number;
  option: () => EChartsOption;
  /** Is told that the code that draws could not be loaded. */
  missing: () => void;
  click?: (index: number, series: string) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    let gone = false;
    let turn = 0;
    let leave = () => {};
    void import('./echarts.ts').then(({ draw }) => {
      if (gone) return;
      // Each picture in a turn of its own: a press between two of them does not wait for all.
      turn = window.setTimeout(() => {
        if (place.current === null) return;
        leave = draw(place.current, option(), click);
        setDrawn(true);
      });
    }, missing);
    return () => {
      gone = true;
      window.clearTimeout(turn);
      leave();
    };
  }, [option, click, theme, missing]);
  return (
    <div className="chart" style={{ height }} role="img" aria-label={title}>
      {!drawn && <Loading height={height} />}
      <div className="canvas" ref={place} aria-hidden="true" style={{ display: drawn ? 'block' : 'none', height }} />
    </div>
  );
}
