import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { EChartsOption } from 'echarts';
import { colourOf } from '../layout/theme.ts';

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
]);

/** Draws into a place and follows its size, until what it returns is called. */
export function draw(
  place: HTMLElement,
  option: EChartsOption,
  click?: (index: number, series: string) => void,
): () => void {
  place.style.display = 'block';
  const chart = init(place, null, { renderer: 'canvas' });
  chart.setOption({
    animation: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 300,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colourOf('--text') },
    ...option,
    tooltip: {
      renderMode: 'richText',
      backgroundColor: colourOf('--raised'),
      borderColor: colourOf('--line'),
      textStyle: { color: colourOf('--text'), fontSize: 13 },
      ...(Array.isArray(option.tooltip) ? {} : option.tooltip),
    },
  });
  if (click) chart.on('click', (event) => click(event.dataIndex, event.seriesName ?? ''));
  const size = new ResizeObserver(() => {
    // It also tells of the size that the place has from the start, in which all has been drawn already.
    if (chart.getWidth() !== place.clientWidth || chart.getHeight() !== place.clientHeight) chart.resize();
  });
  size.observe(place);
  return () => {
    size.disconnect();
    chart.dispose();
  };
}
