import { useId } from 'react';
import { texts } from '../texts.ts';
import { formatCount, formatMoment, formatWord } from '../ui/format.ts';
import { Time } from '../ui/Time.tsx';
import type { Shown } from './moments.ts';

const words = texts.replay;

/** One handle over a customer's events. The browser's own: arrows, Home, End, PageUp and PageDown move it. */
export function Slider({
  label,
  order,
  place,
  move,
}: {
  label: string;
  order: readonly Shown[];
  place: number;
  move: (place: number) => void;
}) {
  const id = useId();
  const event = order[place]!;
  const where = words.place(formatCount(place + 1), formatCount(order.length));
  return (
    <div className="moment">
      <div className="row apart">
        <label htmlFor={id}>{label}</label>
        <span className="number muted">{where}</span>
      </div>
      <input
        id={id}
        type="range"
        min={1}
        max={order.length}
        step={1}
        value={place + 1}
        aria-valuetext={`${where}: ${formatWord(event.type)}, ${formatMoment(event.occurredAt)}`}
        onChange={(input) => move(Number(input.target.value) - 1)}
      />
      <Marks order={order} />
      <div className="row apart">
        <strong>{event.annulled ? <s>{formatWord(event.type)}</s> : formatWord(event.type)}</strong>
        <span className="muted small">
          {words.happened} <Time at={event.occurredAt} /> · {words.recorded} <Time at={event.recordedAt} />
        </span>
      </div>
    </div>
  );
}

const mostMarks = 400;

/** A mark for each event below the slider; an annulled one is another. */
function Marks({ order }: { order: readonly Shown[] }) {
  if (order.length > mostMarks || order.length < 2) return null;
  return (
    <svg className="marks" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
      {order.map((event, place) => {
        const x = (place / (order.length - 1)) * 1000;
        return <path key={event.id} className={event.annulled ? 'annulled' : ''} d={`M${x} 0V8`} />;
      })}
    </svg>
  );
}
