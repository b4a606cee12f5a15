import { Value } from '../proof/Value.tsx';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatCount, formatField, formatWord } from '../ui/format.ts';
import { Answered, Empty } from '../ui/States.tsx';
import { Table } from '../ui/Table.tsx';
import { EventLinks } from './EventLinks.tsx';
import { type Clock, type Moved, movedBy, type Shown } from './moments.ts';
import { namesOf } from './names.ts';
import { useBetween } from './questions.ts';
import type { Members } from './Story.tsx';

const words = texts.replay;

/** What differs between two moments, and which event made it so. */
export function Between({
  customerId,
  a,
  b,
  clock,
  members,
}: {
  customerId: string;
  a: Shown;
  b: Shown;
  clock: Clock;
  members: Members;
}) {
  const steps = useBetween(customerId, a, b, clock);
  const count = steps.data === undefined ? undefined : words.betweenNote(formatCount(steps.data.length));
  return (
    <Card title={words.between} note={count}>
      {a === b ? (
        <Empty title={words.sameMoment} />
      ) : (
        <Answered to={steps}>{(between) => <MovedTable moved={movedBy(between)} members={members} />}</Answered>
      )}
    </Card>
  );
}

function MovedTable({ moved, members }: { moved: readonly Moved[]; members: Members }) {
  if (moved.length === 0) return <Empty title={words.nothingBetween} />;
  const named = namesOf(members);
  return (
    <div className="long">
      <Table
        caption={words.betweenRows}
        rows={moved}
        csv="between"
        keyOf={(row) => JSON.stringify([row.view, row.row, row.field])}
        columns={[
          { title: words.view, text: (row) => formatWord(row.view) },
          { title: words.row, text: (row) => row.row },
          { title: words.field, text: (row) => formatField(row.field.split('.').at(-1)!) },
          {
            title: words.before,
            text: (row) => textOf(row.before),
            show: (row) => <Value value={row.before} named={named} />,
          },
          {
            title: words.after,
            text: (row) => textOf(row.after),
            show: (row) => <Value value={row.after} named={named} />,
          },
          {
            title: words.by,
            text: (row) => row.by.map((event) => event.id).join(' '),
            show: (row) => <EventLinks events={row.by} />,
          },
        ]}
      />
    </div>
  );
}

const textOf = (value: unknown): string | null =>
  value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
