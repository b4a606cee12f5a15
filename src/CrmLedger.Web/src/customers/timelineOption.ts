import type { CustomSeriesRenderItem, EChartsOption } from 'echarts';
import { colourOf } from '../layout/theme.ts';
import { texts } from '../texts.ts';
import { timeAxis } from '../ui/axes.ts';
import { formatMoment } from '../ui/format.ts';
import { endOf, lanes, rowsOf, type Lane, type Mark, type Tone } from './lanes.ts';

const rowHeight = 22;

export const heightOf = (rows: Readonly<Record<Lane, number>>): number =>
  lanes.reduce((sum, lane) => sum + rows[lane] * rowHeight, 0) + 92;

const variables: Readonly<Record<Tone, string>> = {
  good: '--good',
  info: '--info',
  warn: '--warn',
  bad: '--bad',
  muted: '--line-strong',
};

const ms = (time: string | null): number | null => (time === null ? null : new Date(time).getTime());

/** The picture of a relationship: lanes from top to bottom, time from left to right. */
export function timelineOption(marks: readonly Mark[], now: string): EChartsOption {
  const rows = rowsOf(marks);
  const first = Object.fromEntries(
    lanes.map((lane, index) => [lane, lanes.slice(0, index).reduce((sum, above) => sum + rows[above], 0)]),
  ) as Record<Lane, number>;
  const names = lanes.flatMap((lane) =>
    Array.from({ length: rows[lane] }, (_, row) => (row === 0 ? texts.customers.lanes[lane] : '')),
  );
  return {
    grid: { left: 8, right: 18, top: 8, bottom: 52, containLabel: true },
    tooltip: {
      trigger: 'item',
      formatter: (about) => tooltip(marks[(Array.isArray(about) ? about[0] : about)?.dataIndex ?? -1]),
    },
    xAxis: {
      ...timeAxis(),
      min: ({ min, max }) => min - (max - min) / 60,
      max: ({ min, max }) => max + (max - min) / 60,
      splitLine: { show: true, lineStyle: { color: colourOf('--line') } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: names,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: colourOf('--muted'), interval: 0 },
      splitLine: { show: false },
    },
    dataZoom: [
      { type: 'inside', filterMode: 'weakFilter', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false },
      {
        type: 'slider',
        filterMode: 'weakFilter',
        height: 18,
        bottom: 8,
        brushSelect: false,
        showDataShadow: false,
        borderColor: colourOf('--line'),
        fillerColor: colourOf('--accent-soft'),
        handleStyle: { color: colourOf('--accent') },
        textStyle: { color: colourOf('--muted') },
      },
    ],
    series: [
      {
        type: 'custom',
        name: texts.customers.timeline,
        clip: true,
        encode: { x: [0, 1], y: 2 },
        data: marks.map((mark) => [ms(mark.from), ms(endOf(mark, now)), first[mark.lane] + mark.row]),
        renderItem: painter(marks),
      },
    ],
  };
}

type Drawn = NonNullable<ReturnType<CustomSeriesRenderItem>>;

function painter(marks: readonly Mark[]): CustomSeriesRenderItem {
  const colours = Object.fromEntries(
    Object.entries(variables).map(([tone, variable]) => [tone, colourOf(variable)]),
  ) as Record<Tone, string>;
  const [text, surface] = [colourOf('--text'), colourOf('--surface')];
  return (params, api) => {
    const mark = marks[params.dataIndex];
    if (mark === undefined) return null;
    const row = api.value(2);
    const at = (time: string | null): number => api.coord([ms(time)!, row])[0]!;
    const [from, y] = api.coord([api.value(0), row]) as [number, number];
    const end = api.coord([api.value(1), row])[0]!;
    const fill = colours[mark.tone];
    if (mark.bindingDue !== null) {
      // What was promised is the bar; a line goes on to when it came, or to now while it is overdue.
      const due = at(mark.bindingDue);
      const children: Drawn[] = [bar(from, due, y, fill)];
      if (end > due) children.push(dashes(due, end, y, fill));
      if (mark.firstDue !== mark.bindingDue) children.push(tick(at(mark.firstDue), y, surface, 2));
      children.push(tick(due, y, text, 2));
      if (mark.to !== null) children.push(circle(at(mark.to), y, 4, fill, surface));
      return { type: 'group', children: children };
    }
    if (mark.lane === 'concerns') return bar(from, end, y, fill);
    if (mark.lane === 'milestones') {
      const points = [
        [from, y - 7],
        [from + 7, y],
        [from, y + 7],
        [from - 7, y],
      ];
      return { type: 'polygon', shape: { points }, style: { fill, stroke: surface } };
    }
    if (mark.lane === 'feedback') {
      return { type: 'group', children: [circle(from, y, 9, surface, fill), label(mark.result, from, y, text)] };
    }
    return mark.lane === 'purchases'
      ? {
          type: 'rect',
          shape: { x: from - 6, y: y - 6, width: 12, height: 12, r: 3 },
          style: { fill, stroke: surface },
        }
      : circle(from, y, 6, fill, surface);
  };
}

const bar = (from: number, to: number, y: number, fill: string): Drawn => ({
  type: 'rect',
  style: { fill, opacity: 0.85 },
  shape: { x: from, y: y - 6, width: Math.max(4, to - from), height: 12, r: 4 },
});

const dashes = (from: number, to: number, y: number, stroke: string): Drawn => ({
  type: 'line',
  shape: { x1: from, y1: y, x2: to, y2: y },
  style: { stroke, lineWidth: 2, lineDash: [3, 3] },
});

const label = (text: string, x: number, y: number, fill: string): Drawn => ({
  type: 'text',
  style: { text, x, y, align: 'center', verticalAlign: 'middle', fill, fontSize: 11 },
});

const tick = (x: number, y: number, stroke: string, lineWidth: number): Drawn => ({
  type: 'line',
  shape: { x1: x, y1: y - 8, x2: x, y2: y + 8 },
  style: { stroke, lineWidth },
});

const circle = (cx: number, cy: number, r: number, fill: string, stroke: string): Drawn => ({
  type: 'circle',
  shape: { cx, cy, r },
  style: { fill, stroke, lineWidth: 1.5 },
});

const widest = 56;

/** Drawn and not written as markup, so its lines are broken here. */
function tooltip(mark: Mark | undefined): string {
  if (mark === undefined) return '';
  const { columns, lanes: names } = texts.customers;
  const lines = [
    mark.result === '' ? names[mark.lane] : `${names[mark.lane]}: ${mark.result}`,
    ...broken(mark.what),
    mark.to === null ? formatMoment(mark.from) : `${formatMoment(mark.from)} – ${formatMoment(mark.to)}`,
  ];
  if (mark.firstDue !== null) lines.push(`${columns.firstDue}: ${formatMoment(mark.firstDue)}`);
  if (mark.bindingDue !== null && mark.bindingDue !== mark.firstDue) {
    lines.push(`${columns.bindingDue}: ${formatMoment(mark.bindingDue)}`);
  }
  return lines.join('\n');
}

function broken(text: string): readonly string[] {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    if (lines.at(-1)!.length + word.length > widest) lines.push(word.slice(0, widest));
    else lines[lines.length - 1] = `${lines.at(-1)!} ${word}`.trimStart();
  }
  return lines.length > 6 ? [...lines.slice(0, 6), '…'] : lines;
}
