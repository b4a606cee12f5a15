import { Link } from 'wouter';
import type { Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatCount, formatPoints, formatShare } from '../ui/format.ts';
import { Interval } from '../ui/Interval.tsx';
import { Table, type ShownColumn } from '../ui/Table.tsx';
import { behind, parts } from './asked.ts';

const words = texts.promisesKept;
type Group = Shapes['KeptRateGroup'];
type Change = Shapes['KeptRateChange'];
type Classes = keyof Shapes['KeptRateCounts'];

/** The classes as they are named in an address, by how they are named in an answer. */
const classes: readonly (readonly [Classes, string, string])[] = [
  ['keptAgreedDate', 'kept_agreed_date', words.classes.kept_agreed_date],
  ['keptLate', 'kept_late', words.classes.kept_late],
  ['broken', 'broken', words.classes.broken],
  ['overdue', 'overdue', words.classes.overdue],
  ['movedByAgreement', 'moved_by_agreement', words.classes.moved_by_agreement],
  ['released', 'released', words.classes.released],
  ['notYetDue', 'not_yet_due', words.classes.not_yet_due],
];

/** The numbers of each team, owner or kind; each opens what it is made of. */
export function Groups({ answer, changes }: { answer: Shapes['KeptRateAnswer']; changes: readonly Change[] }) {
  const by = answer.by as 'team';
  const changeOf = new Map(changes.map((change) => [change.key, change]));
  const count = (counts: number, key: string, name: string) =>
    counts === 0 ? (
      <span className="muted">0</span>
    ) : (
      <Link href={behind(answer, { class: name }, key)}>{formatCount(counts)}</Link>
    );
  const columns: readonly ShownColumn<Group>[] = [
    {
      title: words.groupColumns[by] ?? by,
      text: (g) => g.label,
      show: (g) => <Link href={behind(answer, {}, g.key)}>{g.label}</Link>,
    },
    {
      title: words.strict,
      text: (g) => formatShare(g.strict.rate),
      toRight: true,
      show: (g) => (
        <Link href={behind(answer, parts.counted, g.key)}>
          <strong>{formatShare(g.strict.rate)}</strong>
        </Link>
      ),
    },
    {
      title: words.intervalColumn,
      text: (g) => `${formatShare(g.strict.low)}–${formatShare(g.strict.high)}`,
      show: (g) => (
        <>
          <Interval {...g.strict} beside={answer.total.strict.rate} />
          <span className="hidden-but-read">{`${formatShare(g.strict.low)}–${formatShare(g.strict.high)}`}</span>
        </>
      ),
    },
    {
      title: words.agreed,
      text: (g) => formatShare(g.agreed.rate),
      toRight: true,
      show: (g) => <Link href={behind(answer, parts.settled, g.key)}>{formatShare(g.agreed.rate)}</Link>,
    },
    {
      title: words.changeColumn,
      text: (g) => formatPoints(changeOf.get(g.key)?.difference),
      toRight: true,
      show: (g) => <Difference change={changeOf.get(g.key)} />,
    },
    {
      title: words.counted,
      text: (g) => g.n,
      toRight: true,
      show: (g) => <Link href={behind(answer, parts.counted, g.key)}>{formatCount(g.n)}</Link>,
    },
    {
      title: words.classes.kept_first_date,
      text: (g) => g.counts.keptFirstDate,
      toRight: true,
      show: (g) => count(g.counts.keptFirstDate, g.key, 'kept_first_date'),
    },
    ...classes.map(([field, name, title]) => ({
      title,
      text: (g: Group) => g.counts[field],
      toRight: true,
      show: (g: Group) => count(g.counts[field], g.key, name),
    })),
  ];
  const groups = answer.groups.toSorted((a, b) => b.n - a.n);
  return (
    <Card title={words.groupTitles[by] ?? by} note={words.groupsNote}>
      <Table
        caption={words.groupTitles[by] ?? by}
        columns={columns}
        rows={groups}
        keyOf={(g) => g.key}
        csv={`kept-rate-by-${by}`}
        first={25}
      />
    </Card>
  );
}

function Difference({ change }: { change: Change | undefined }) {
  if (change?.difference == null) return <span className="muted">–</span>;
  const isSignificant = change.p !== null && change.p < 0.05;
  return (
    <span
      className={isSignificant ? `badge ${change.difference > 0 ? 'good' : 'bad'}` : ''}
      title={isSignificant ? words.significant : words.chance}
    >
      {formatPoints(change.difference)}
    </span>
  );
}
