import { useCallback, useMemo } from 'react';
import type { Shapes } from '../api/client.ts';
import { colourOf } from '../layout/theme.ts';
import { texts } from '../texts.ts';
import { narrowGrid, quietAxis } from '../ui/axes.ts';
import { Card } from '../ui/Card.tsx';
import { Chart } from '../ui/Chart.tsx';
import type { Column } from '../ui/csv.ts';
import { formatShare } from '../ui/format.ts';

const words = texts.promisesKept;
type Point = Shapes['KeptRatePeriod'];

const columns: readonly Column<Point>[] = [
  { title: words.periodColumn, text: (p) => p.key },
  { title: words.counted, text: (p) => p.n, toRight: true },
  { title: words.strict, text: (p) => formatShare(p.strict.rate), toRight: true },
  { title: words.low, text: (p) => formatShare(p.strict.low), toRight: true },
  { title: words.high, text: (p) => formatShare(p.strict.high), toRight: true },
  { title: words.agreed, text: (p) => formatShare(p.agreed.rate), toRight: true },
];

/** How the kept rate went, with the doubt of each point. */
export function Trend({ total, over }: { total: Shapes['KeptRateTotal']; over: string }) {
  const points = useMemo(() => total.over ?? [], [total]);
  const option = useCallback(() => {
    const [accent, agreed] = [colourOf('--accent'), colourOf('--info')];
    const bound = { type: 'line', stack: 'interval', symbol: 'none', silent: true, lineStyle: { opacity: 0 } } as const;
    const values = (of: (point: Point) => number | null) => points.map((p) => of(p));
    return {
      grid: { ...narrowGrid, top: 32 },
      legend: { data: [words.strict, words.agreed], top: 0, right: 0, textStyle: { color: colourOf('--text') } },
      tooltip: {
        trigger: 'axis' as const,
        formatter: (items: unknown) => tip(points, items),
      },
      xAxis: { type: 'category' as const, data: points.map((p) => p.key), ...quietAxis() },
      yAxis: {
        type: 'value' as const,
        min: 0,
        max: 1,
        ...quietAxis(),
        axisLabel: { color: colourOf('--muted'), formatter: (share: number) => `${Math.round(share * 100)} %` },
      },
      series: [
        { ...bound, data: values((p) => p.strict.low) },
        {
          ...bound,
          areaStyle: { color: accent, opacity: 0.16 },
          data: values((p) => (p.strict.high === null || p.strict.low === null ? null : p.strict.high - p.strict.low)),
        },
        {
          type: 'line' as const,
          name: words.strict,
          data: values((p) => p.strict.rate),
          color: accent,
          symbolSize: 7,
          lineStyle: { width: 2.5 },
          connectNulls: true,
        },
        {
          type: 'line' as const,
          name: words.agreed,
          data: values((p) => p.agreed.rate),
          color: agreed,
          symbolSize: 4,
          lineStyle: { width: 1.5, type: 'dashed' as const },
          connectNulls: true,
        },
      ],
    };
  }, [points]);
  const [first, last] = [points[0], points.at(-1)];
  return (
    <Card title={words.trend} note={over === 'week' ? words.byWeek : words.byMonth} span={8}>
      <Chart
        title={words.trend}
        option={option}
        columns={columns}
        rows={points}
        keyOf={(p) => p.key}
        csv="kept-rate-over-time"
        height={400}
        summary={
          first && last
            ? words.trendSummary(first.key, formatShare(first.strict.rate), last.key, formatShare(last.strict.rate))
            : ''
        }
      />
    </Card>
  );
}

function tip(points: readonly Point[], items: unknown): string {
  const at = Array.isArray(items) ? (items[0] as { dataIndex: number } | undefined)?.dataIndex : undefined;
  const point = at === undefined ? undefined : points[at];
  if (point === undefined) return '';
  const { strict, agreed } = point;
  return [
    point.key,
    `${words.strict} ${formatShare(strict.rate)}${words.of}${strict.denominator}`,
    words.interval(formatShare(strict.low), formatShare(strict.high)),
    `${words.agreed} ${formatShare(agreed.rate)}`,
  ].join('\n');
}
