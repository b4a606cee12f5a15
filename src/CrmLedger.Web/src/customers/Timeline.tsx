import { useCallback, useMemo, useRef, useState } from 'react';
import type { Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { useAddress } from '../ui/address.ts';
import { Card } from '../ui/Card.tsx';
import { Chart } from '../ui/Chart.tsx';
import { formatCount, formatMoment } from '../ui/format.ts';
import { Empty } from '../ui/States.tsx';
import { VirtualRows, type ToRow } from '../ui/VirtualRows.tsx';
import { EntryRow } from './EntryRow.tsx';
import { byTime, kindOf, kinds, type History, type Kind } from './entries.ts';
import { marksOf, rowsOf, type Mark } from './lanes.ts';
import type { Named } from './sentences.ts';
import { heightOf, timelineOption } from './timelineOption.ts';

const say = texts.customers;
const tones = ['good', 'info', 'warn', 'bad', 'muted'] as const;

/** What happened between the customer and us: as a picture, and below it entry by entry. */
export function Timeline({
  history,
  named,
  milestones,
}: {
  history: History;
  named: Named;
  milestones: readonly Shapes['ShownMilestone'][];
}) {
  const [{ show }, change] = useAddress({ show: 'all' });
  const [pointedAt, setPointedAt] = useState<string | null>(null);
  const list = useRef<ToRow>(null);
  const marks = useMemo(() => marksOf(history, milestones, named), [history, milestones, named]);
  const newestFirst = useMemo(() => byTime(history.events), [history.events]);
  const entries = useMemo(
    () => newestFirst.filter((entry) => show === 'all' || kindOf(entry.type) === show),
    [newestFirst, show],
  );
  const open = useCallback(
    (index: number) => {
      const id = marks[index]?.entryId;
      if (id == null) return;
      setPointedAt(id);
      change({ show: 'all' });
      // Where the filter left nothing, the list is there once the filter is gone, which is by the next frame.
      requestAnimationFrame(() => list.current?.show(id));
    },
    [marks, change],
  );
  const option = useCallback(() => timelineOption(marks, history.asOf), [marks, history.asOf]);
  return (
    <Card title={say.timeline} note={say.timelineNote(formatCount(history.events.length))}>
      <p className="legend">
        {tones.map((tone) => (
          <span key={tone}>
            <span className={`dot ${tone}`} aria-hidden="true" />
            {say.legend[tone]}
          </span>
        ))}
        <span>{say.zoomHint}</span>
      </p>
      <Chart
        title={say.timelineTitle}
        summary={say.timelineSummary(formatCount(marks.length))}
        height={heightOf(rowsOf(marks))}
        option={option}
        columns={columns}
        rows={marks}
        csv="timeline"
        keyOf={(mark) => `${mark.lane}/${mark.from}/${mark.entryId ?? mark.result}`}
        click={open}
      />
      <div className="stack">
        <Kinds value={show} choose={(kind) => change({ show: kind })} history={history} />
        {entries.length === 0 ? (
          <Empty title={say.noEntries} />
        ) : (
          <VirtualRows
            label={say.timeline}
            rows={entries}
            total={entries.length}
            keyOf={(entry) => entry.id}
            height={68}
            to={list}
          >
            {(entry) => <EntryRow entry={entry} named={named} pointedAt={entry.id === pointedAt} />}
          </VirtualRows>
        )}
      </div>
    </Card>
  );
}

const columns = [
  { title: say.columns.lane, text: (mark: Mark) => say.lanes[mark.lane] },
  { title: say.columns.what, text: (mark: Mark) => mark.what },
  { title: say.columns.from, text: (mark: Mark) => formatMoment(mark.from) },
  { title: say.columns.to, text: (mark: Mark) => (mark.to === null ? '' : formatMoment(mark.to)) },
  { title: say.columns.firstDue, text: (mark: Mark) => (mark.firstDue === null ? '' : formatMoment(mark.firstDue)) },
  {
    title: say.columns.bindingDue,
    text: (mark: Mark) => (mark.bindingDue === null ? '' : formatMoment(mark.bindingDue)),
  },
  { title: say.columns.result, text: (mark: Mark) => mark.result },
];

/** Which entries are listed; only kinds of which there are any. */
function Kinds({ value, choose, history }: { value: string; choose: (kind: string) => void; history: History }) {
  const counts = useMemo(() => {
    const found = new Map<Kind, number>();
    for (const { type } of history.events) found.set(kindOf(type), (found.get(kindOf(type)) ?? 0) + 1);
    return found;
  }, [history.events]);
  const options: readonly (readonly [string, string])[] = [
    ['all', say.everything],
    ...kinds
      .filter((kind) => counts.has(kind) || kind === value)
      .map((kind) => [kind, `${say.kinds[kind]} ${formatCount(counts.get(kind) ?? 0)}`] as const),
  ];
  return (
    <div className="chips" role="group" aria-label={say.show}>
      {options.map(([kind, text]) => (
        <button key={kind} type="button" aria-pressed={kind === value} onClick={() => choose(kind)}>
          {text}
        </button>
      ))}
    </div>
  );
}
