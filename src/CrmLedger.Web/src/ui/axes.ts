import { colourOf } from '../layout/theme.ts';

/** Axes, lines and marks as every picture has them. */
export const quietAxis = () => ({
  axisLine: { lineStyle: { color: colourOf('--line') } },
  axisTick: { show: false },
  axisLabel: { color: colourOf('--muted'), hideOverlap: true },
  splitLine: { lineStyle: { color: colourOf('--line') } },
});

/** Time along the foot, each label whole: a day says of which month it is. */
export const timeAxis = () => {
  const axis = quietAxis();
  const formatter = { year: '{yyyy}', month: '{MMM} {yyyy}', day: '{d} {MMM}', hour: '{d} {MMM} {HH}:{mm}' };
  return { type: 'time', ...axis, axisLabel: { ...axis.axisLabel, formatter } } as const;
};

export const narrowGrid = { left: 8, right: 16, top: 24, bottom: 8, containLabel: true } as const;
