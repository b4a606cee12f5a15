import { useCallback, useMemo } from 'react';
import { Link, useLocation } from 'wouter';
import type { Shapes } from '../api/client.ts';
import { colourOf } from '../layout/theme.ts';
import { texts } from '../texts.ts';
import { narrowGrid, quietAxis } from '../ui/axes.ts';
import { Card } from '../ui/Card.tsx';
import { Chart } from '../ui/Chart.tsx';
import { formatCount, formatDuration, formatShare, formatWord } from '../ui/format.ts';
import { Empty } from '../ui/States.tsx';
import type { ShownColumn } from '../ui/Table.tsx';
import { behind } from './asked.ts';

const words = texts.promisesKept;
type Cause = { readonly cause: string; readonly count: number };

/** Why promises break, as those who broke them said, and what else tells how the numbers came about. */
export function Causes({ answer }: { answer: Shapes['KeptRateAnswer'] }) {
  const { total } = answer;
  const [, go] = useLocation();
  const causes = useMemo(
    () =>
      Object.entries(total.missCauses)
        .map(([cause, count]) => ({ cause, count }))
        .sort((a, b) => b.count - a.count),
    [total],
  );
  const option = useCallback(() => {
    const shown = causes.toReversed();
    return {
      grid: { ...narrowGrid, top: 0, right: 36 },
      xAxis: { type: 'value' as const, show: false },
      yAxis: { type: 'category' as const, data: shown.map((c) => formatWord(c.cause)), ...quietAxis() },
      tooltip: { trigger: 'item' as const },
      series: [
        {
          type: 'bar' as const,
          data: shown.map((c) => c.count),
          color: colourOf('--bad'),
          barMaxWidth: 16,
          itemStyle: { borderRadius: [0, 5, 5, 0] },
          label: { show: true, position: 'right' as const, color: colourOf('--text') },
        },
      ],
    };
  }, [causes]);
  const open = useCallback(
    (index: number) => go(behind(answer, { cause: causes.toReversed()[index]!.cause })),
    [answer, causes, go],
  );
  const columns: readonly ShownColumn<Cause>[] = [
    { title: words.cause, text: (c) => formatWord(c.cause) },
    {
      title: words.count,
      text: (c) => c.count,
      toRight: true,
      show: (c) => <Link href={behind(answer, { cause: c.cause })}>{formatCount(c.count)}</Link>,
    },
  ];
  return (
    <Card title={words.causes} span={4}>
      {causes.length === 0 ? (
        <Empty title={words.noCauses} />
      ) : (
        <Chart
          title={words.causes}
          height={36 + 30 * causes.length}
          option={option}
          columns={columns}
          rows={causes}
          keyOf={(c) => c.cause}
          csv="miss-causes"
          click={open}
          summary={causes.map((c) => `${formatWord(c.cause)} ${c.count}`).join(', ')}
        />
      )}
      <dl className="facts">
        <Fact
          name={words.lateness}
          value={total.medianLatenessSeconds === null ? '–' : formatDuration(total.medianLatenessSeconds)}
        />
        <Fact
          name={words.renegotiated}
          value={formatShare(total.renegotiationRate)}
          to={behind(answer, { only: 'renegotiated' })}
        />
        <Fact
          name={words.perCustomer}
          value={total.promisesPerCustomer === null ? '–' : total.promisesPerCustomer.toFixed(1)}
        />
        <Fact name={words.imported} value={formatCount(total.imported)} to={behind(answer, { only: 'imported' })} />
        <Fact
          name={words.recordedLate}
          value={formatCount(total.recordedLate)}
          to={behind(answer, { only: 'recorded_late' })}
        />
      </dl>
    </Card>
  );
}

function Fact({ name, value, to }: { name: string; value: string; to?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">{to === undefined ? value : <Link href={to}>{value}</Link>}</dd>
    </div>
  );
}
