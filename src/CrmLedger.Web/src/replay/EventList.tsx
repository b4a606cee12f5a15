import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatCount, formatMoment, formatWord } from '../ui/format.ts';
import { Time } from '../ui/Time.tsx';
import { VirtualTable } from '../ui/VirtualTable.tsx';
import type { Shown } from './moments.ts';

const words = texts.replay;

/** All of a customer's events in a clock's order; those that were annulled are struck through, with why. */
export function EventList({
  order,
  chosen,
  go,
}: {
  order: readonly Shown[];
  chosen: Shown;
  go: (version: number) => void;
}) {
  return (
    <Card title={words.events} note={formatCount(order.length)}>
      <VirtualTable
        caption={words.events}
        rows={order}
        total={order.length}
        more={null}
        loadingMore={false}
        keyOf={(event) => event.id}
        widths="minmax(0, 1fr) minmax(92px, 16%) minmax(92px, 16%)"
        rowHeight={52}
        columns={[
          {
            title: words.type,
            text: (event) => event.type,
            show: (event) => <Entry event={event} isChosen={event === chosen} go={go} />,
          },
          {
            title: words.happened,
            text: (event) => event.occurredAt,
            show: (event) => <Time at={event.occurredAt} as="day" />,
          },
          {
            title: words.recorded,
            text: (event) => event.recordedAt,
            show: (event) => <Time at={event.recordedAt} as="day" />,
          },
        ]}
      />
    </Card>
  );
}

function Entry({ event, isChosen, go }: { event: Shown; isChosen: boolean; go: (version: number) => void }) {
  const { annulled } = event;
  const name = formatWord(event.type);
  return (
    <>
      <button
        type="button"
        className="link"
        aria-current={isChosen ? 'true' : undefined}
        onClick={() => go(event.version)}
      >
        {annulled ? <s>{name}</s> : name}
      </button>
      {annulled && (
        <span className="muted small" title={formatMoment(annulled.at)}>
          {` ${words.annulled(annulled.by)}: ${annulled.reason}`}
        </span>
      )}
    </>
  );
}
