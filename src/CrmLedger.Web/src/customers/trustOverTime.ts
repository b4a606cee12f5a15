import type { EChartsOption } from 'echarts';
import { colourOf } from '../layout/theme.ts';
import { texts } from '../texts.ts';
import { narrowGrid, quietAxis, timeAxis } from '../ui/axes.ts';

/** A score that the ledger judged as of a time, with its doubt band. */
export type Judged = { readonly at: string; readonly score: number; readonly low: number; readonly high: number };

/** A line through the scores, and the band in which they are doubtful. */
export function trustOption(judged: readonly Judged[]): EChartsOption {
  const axis = quietAxis();
  const accent = colourOf('--accent');
  const line = (value: (one: Judged) => number) => judged.map((one) => [one.at, value(one)]);
  const band = { type: 'line', stack: 'band', symbol: 'none', lineStyle: { opacity: 0 }, silent: true } as const;
  const { trust, trustColumns } = texts.customers;
  return {
    grid: narrowGrid,
    tooltip: { trigger: 'axis', valueFormatter: (value) => (typeof value === 'number' ? value.toFixed(1) : '') },
    xAxis: { ...timeAxis(), splitLine: { show: false } },
    yAxis: { type: 'value', min: 0, max: 100, ...axis },
    series: [
      { ...band, name: trustColumns.low, data: line(({ low }) => low) },
      {
        ...band,
        name: trustColumns.high,
        data: line(({ low, high }) => high - low),
        tooltip: { show: false },
        areaStyle: { color: accent, opacity: 0.16 },
      },
      {
        type: 'line',
        name: trust,
        data: line(({ score }) => score),
        symbolSize: 6,
        showSymbol: true,
        lineStyle: { color: accent, width: 2 },
        itemStyle: { color: accent },
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          data: [{ yAxis: 50 }],
          lineStyle: { color: colourOf('--line-strong'), type: 'dashed' },
        },
      },
    ],
  };
}
