import { useCallback, useMemo } from 'react';
import { Link, useLocation } from 'wouter';
import type { Shapes } from '../api/client.ts';
import { colourOf } from '../layout/theme.ts';
import { texts } from '../texts.ts';
import { narrowGrid, quietAxis } from '../ui/axes.ts';
import { Card } from '../ui/Card.tsx';
import { Chart } from '../ui/Chart.tsx';
import { formatShare } from '../ui/format.ts';
import type { ShownColumn } from '../ui/Table.tsx';
import { behind, parts } from './asked.ts';

const words = texts.promisesKept;
type Point = Shapes['KeptRatePeriod'];

const columnsOf = (answer: Shapes['KeptRateAnswer']): readonly ShownColumn<Point>[] => [
  {
    title: words.periodColumn,
    text: (p) => p.key,
    show: (p) => <Link href={behindPoint(answer, p)}>{p.key}</Link>,
  },
  { title: words.counted, text: (p) => p.n, toRight: true },
  { title: words.strict, text: (p) => formatShare(p.strict.rate), toRight: true },
  { title: words.low, text: (p) => formatShare(p.strict.low), toRight: true },
  { title: words.high, text: (p) => formatShare(p.strict.high), toRight: true },
  { title: words.agreed, text: (p) => formatShare(p.agreed.rate), toRight: true },
];

/** The promises that a point of the line is made of. */
const behindPoint = ({ from, to, over }: Shapes['KeptRateAnswer'], point: Point): string =>
  behind({ from, to, by: over }, parts.counted, point.key);

/** How the kept rate went, with the doubt of each point; each opens its promises. */
export function Trend({ answer }: { answer: Shapes['KeptRateAnswer'] }) {
  const [, go] = useLocation();
  const points = useMemo(() => answer.total.over ?? [], [answer]);
  const columns = useMemo(() => columnsOf(answer), [answer]);
  const open = useCallback((index: number) => go(behindPoint(answer, points[index]!)), [answer, points, go]);
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
    <Card title={words.trend} note={answer.over === 'week' ? words.byWeek : words.byMonth} span={8}>
      <Chart
        title={words.trend}
        option={option}
        columns={columns}
        rows={points}
        keyOf={(p) => p.key}
        csv="kept-rate-over-time"
        click={open}
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
