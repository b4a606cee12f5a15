import { colourOf } from '../layout/theme.ts';

/** Axes, lines and marks as every picture has them. */
export const quietAxis = () => ({
  axisLine: { lineStyle: { color: colourOf('--line') } },
  axisTick: { show: false },
  axisLabel: { color: colourOf('--muted'), hideOverlap: true },
  splitLine: { lineStyle: { color: colourOf('--line') } },
});

export const narrowGrid = { left: 8, right: 16, top: 24, bottom: 8, containLabel: true } as const;
