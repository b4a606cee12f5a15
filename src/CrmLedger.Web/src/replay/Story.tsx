import { useEffect, useMemo, useState } from 'react';
import type { Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { useAddress } from '../ui/address.ts';
import { Segments } from '../ui/Segments.tsx';
import { Answered } from '../ui/States.tsx';
import { Between } from './Between.tsx';
import { EventList } from './EventList.tsx';
import { type Clock, inOrder, placeOf, type Shown } from './moments.ts';
import { useStep } from './questions.ts';
import { Slider } from './Slider.tsx';
import { StepCards } from './StepCards.tsx';

const words = texts.replay;
const settles = 120;
const beat = 1_200;

export type Members = Shapes['HistoryPage']['members'];

/** A customer's events along a slider, and what the chosen one did. */
export function Story({
  customerId,
  events,
  members,
}: {
  customerId: string;
  events: readonly Shown[];
  members: Members;
}) {
  const [address, change] = useAddress({ clock: 'recorded', at: '', with: '' });
  const clock: Clock = address.clock === 'happened' ? 'happened' : 'recorded';
  const order = useMemo(() => inOrder(events, clock), [events, clock]);
  const [at, setAt] = useMoved(placeOf(order, address.at), (place) => change({ at: String(order[place]!.version) }));
  const isComparing = address.with !== '';
  const [other, setOther] = useMoved(placeOf(order, address.with), (place) =>
    change({ with: String(order[place]!.version) }),
  );
  const event = order[placeOf(order, address.at)]!;
  const compared = order[placeOf(order, address.with)]!;
  const isLater = placeOf(order, address.at) > placeOf(order, address.with);
  const [first, last] = isLater ? [compared, event] : [event, compared];
  return (
    <div className="story">
      <Card
        title={words.moment}
        aside={
          <Segments
            label={words.clock}
            value={clock}
            choose={(to) => change({ clock: to })}
            options={[
              ['recorded', words.clocks.recorded],
              ['happened', words.clocks.happened],
            ]}
          />
        }
      >
        <p className="muted small">{words.clockNotes[clock]}</p>
        <Slider label={words.slider} order={order} place={at} move={setAt} />
        <div className="row">
          <Steps place={at} count={order.length} move={setAt} />
          <button
            type="button"
            className="button small"
            aria-pressed={isComparing}
            onClick={() => change({ with: isComparing ? '' : String(order[Math.max(0, at - 1)]!.version) })}
          >
            {isComparing ? words.single : words.compare}
          </button>
        </div>
        {isComparing && <Slider label={words.sliderB} order={order} place={other} move={setOther} />}
      </Card>
      {isComparing && <Between customerId={customerId} a={first} b={last} clock={clock} members={members} />}
      <OneStep customerId={customerId} event={event} clock={clock} go={(version) => change({ at: String(version) })} />
      <EventList order={order} chosen={event} go={(version) => change({ at: String(version) })} />
    </div>
  );
}

function OneStep({
  customerId,
  event,
  clock,
  go,
}: {
  customerId: string;
  event: Shown;
  clock: Clock;
  go: (version: number) => void;
}) {
  const step = useStep(customerId, event, clock);
  return (
    <Answered to={step} height={320}>
      {(page) => page.steps[0] && <StepCards step={page.steps[0]} members={page.members} go={go} />}
    </Answered>
  );
}

/** A place that follows the hand at once, and is told when the hand rests; it follows the address, too. */
function useMoved(place: number, tell: (place: number) => void): [number, (place: number) => void] {
  const [moved, setMoved] = useState<number | null>(null);
  useEffect(() => {
    if (moved === null) return;
    const timer = setTimeout(() => {
      tell(moved);
      setMoved(null);
    }, settles);
    return () => clearTimeout(timer);
  }, [moved]);
  return [moved ?? place, setMoved];
}

function Steps({ place, count, move }: { place: number; count: number; move: (place: number) => void }) {
  const [plays, setPlays] = useState(false);
  useEffect(() => {
    if (!plays) return;
    if (place >= count - 1) {
      setPlays(false);
      return;
    }
    const timer = setTimeout(() => move(place + 1), beat);
    return () => clearTimeout(timer);
  }, [plays, place, count]);
  const buttons = [
    ['«', words.first, 0],
    ['‹', words.back, place - 1],
    ['›', words.on, place + 1],
    ['»', words.last, count - 1],
  ] as const;
  return (
    <>
      {buttons.map(([sign, name, to]) => (
        <button
          key={name}
          type="button"
          className="button small"
          aria-label={name}
          title={name}
          disabled={to < 0 || to >= count || to === place}
          onClick={() => move(to)}
        >
          {sign}
        </button>
      ))}
      <button
        type="button"
        className="button small"
        disabled={!plays && place >= count - 1}
        onClick={() => setPlays(!plays)}
      >
        {plays ? words.pause : words.play}
      </button>
    </>
  );
}
