import { texts } from '../texts.ts';
import { nameOfEvent } from '../commitments/eventNames.ts';
import { formatDay, formatMoment } from '../ui/format.ts';
import { marksOf, shareOf, spanOf, type Mark } from './marks.ts';
import type { Told } from './outcome.ts';

const [laneHeight, below] = [22, 54];
const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;

/** A promise's time from left to right: what happened above the line, its dates below. The list says it, too. */
export function Timeline({ told, now }: { told: Told; now: number }) {
  const { promise, events, status } = told;
  const [first, binding] = [Date.parse(promise.firstDue), Date.parse(promise.bindingDue)];
  const isOpen = ['made', 'renegotiating', 'lapsed'].includes(status);
  const span = spanOf([...events.map((event) => Date.parse(event.occurredAt)), first, binding]);
  const marks = marksOf(events, span);
  const line = 20 + laneHeight * (1 + Math.max(0, ...marks.map((mark) => mark.lane)));
  const moved = binding !== first;
  return (
    <figure className="promise-line">
      <svg width="100%" height={line + below} role="img" aria-label={summaryOf(told)}>
        <line className="axis" x1="0" x2="100%" y1={line} y2={line} />
        {isOpen && now > binding && (
          <line
            className="late"
            x1={percent(shareOf(binding, span))}
            x2={percent(Math.min(1, shareOf(now, span)))}
            y1={line}
            y2={line}
          />
        )}
        <Due at={first} x={shareOf(first, span)} line={line} name={texts.promise.firstDue} row={0} kind="first" />
        {moved && (
          <Due
            at={binding}
            x={shareOf(binding, span)}
            line={line}
            name={texts.promise.bindingDue}
            row={1}
            kind="binding"
          />
        )}
        {marks.map((mark) => (
          <OneMark key={mark.id} mark={mark} line={line} />
        ))}
      </svg>
      <figcaption className="row small muted">
        {texts.promise.legend.map(([tone, name]) => (
          <span key={tone} className="legend">
            <svg width="12" height="12" aria-hidden="true">
              <circle className={`mark ${tone}`} cx="6" cy="6" r="5" />
            </svg>
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Due({
  at,
  x,
  line,
  name,
  row,
  kind,
}: {
  at: number;
  x: number;
  line: number;
  name: string;
  row: number;
  kind: 'first' | 'binding';
}) {
  const anchor = x > 0.75 ? 'end' : x < 0.25 ? 'start' : 'middle';
  return (
    <>
      <line className={`due ${kind}`} x1={percent(x)} x2={percent(x)} y1={12} y2={line + 10 + row * 20} />
      <text x={percent(x)} y={line + 26 + row * 20} textAnchor={anchor}>
        {`${name} ${formatDay(new Date(at).toISOString())}`}
      </text>
    </>
  );
}

function OneMark({ mark, line }: { mark: Mark; line: number }) {
  const at = new Date(mark.at).toISOString();
  const y = line - 14 - mark.lane * laneHeight;
  return (
    <g className={mark.annulled ? 'annulled' : ''}>
      <title>{`${nameOfEvent(mark.type)}, ${formatMoment(at)}`}</title>
      <line className="stem" x1={percent(mark.x)} x2={percent(mark.x)} y1={y} y2={line} />
      <circle className={`mark ${mark.tone}`} cx={percent(mark.x)} cy={y} r="7" />
    </g>
  );
}

const summaryOf = ({ promise, events }: Told): string =>
  [
    `${texts.promise.firstDue} ${formatMoment(promise.firstDue)}`,
    `${texts.promise.bindingDue} ${formatMoment(promise.bindingDue)}`,
    ...events.map((event) => `${nameOfEvent(event.type)} ${formatMoment(event.occurredAt)}`),
  ].join('; ');
