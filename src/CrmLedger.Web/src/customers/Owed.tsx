import { Link } from 'wouter';
import { keepPreviousData } from '@tanstack/react-query';
import { ledger, type Shapes } from '../api/client.ts';
import { mayDo, useCaller } from '../session/caller.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatCount, formatWord } from '../ui/format.ts';
import { Answered, Empty } from '../ui/States.tsx';
import { Time } from '../ui/Time.tsx';
import { lastAbout, textOf, type Entry, type History } from './entries.ts';
import { openSpansOf } from './lanes.ts';

const say = texts.customers;

/** Open promises and follow-ups, the earliest due first, and concerns that are not put right. */
export function Owed({
  customerId,
  atLeast,
  history,
}: {
  customerId: string;
  atLeast: number | undefined;
  history: History | undefined;
}) {
  const open = ledger.useQuery(
    'get',
    '/v1/commitments/open',
    {
      params: { query: { customer: customerId, limit: 1_000, ...(atLeast === undefined ? {} : { atLeast }) } },
    },
    { placeholderData: keepPreviousData },
  );
  const concerns = history?.commitments.concerns.filter(({ status }) => status !== 'resolved') ?? [];
  const raised = lastAbout(history?.events ?? [], 'concern_raised', 'concernId');
  return (
    <Card title={say.owed} span={6}>
      <Answered
        to={open}
        empty={({ items }) => (items.length + concerns.length === 0 ? <Empty title={say.owedNone} /> : null)}
      >
        {({ items }) => (
          <ul className="owed" tabIndex={0} aria-label={say.owed}>
            {concerns.map((concern) => (
              <OpenConcern key={concern.concernId} concern={concern} entry={raised.get(concern.concernId)} />
            ))}
            {items.map((item) => (
              <OpenCommitment key={`${item.commitment}/${item.id}`} item={item} />
            ))}
          </ul>
        )}
      </Answered>
    </Card>
  );
}

function OpenConcern({ concern, entry }: { concern: Shapes['ShownConcern']; entry: Entry | undefined }) {
  const since = openSpansOf(concern).at(-1)!.from;
  const summary = entry === undefined ? '' : textOf(entry, 'summary');
  return (
    <li>
      <span className="row">
        <span className="badge bad">{say.concern}</span>
        <strong>{`${formatWord(concern.severity)}, ${formatWord(concern.status)}`}</strong>
        <span className="muted small">
          <Time at={since} as="distance" />
        </span>
      </span>
      {summary !== '' && <span>{summary}</span>}
    </li>
  );
}

function OpenCommitment({ item }: { item: Shapes['OpenItem'] }) {
  const opens = mayDo(useCaller(), 'read', 'audit') && item.commitment === 'promise';
  const kind = formatWord(item.kind);
  return (
    <li>
      <span className="row">
        <span className={`badge ${item.overdue ? 'bad' : 'info'}`}>
          {item.commitment === 'promise' ? say.promise : say.followUp}
        </span>
        <strong>
          {opens ? (
            <Link href={`/customers/${item.customerId}/promises/${encodeURIComponent(item.id)}`}>{kind}</Link>
          ) : (
            kind
          )}
        </strong>
        <span className={item.overdue ? 'wrong small' : 'muted small'}>
          {`${item.overdue ? say.overdue : say.due} `}
          <Time at={item.bindingDue} as="distance" />
        </span>
        {item.renegotiations > 0 && <span className="muted small">{say.moved(formatCount(item.renegotiations))}</span>}
      </span>
      {item.conditions !== undefined && <span>{item.conditions}</span>}
      <span className="muted small">
        <Time at={item.bindingDue} />
        {item.member?.name === undefined ? '' : ` · ${item.member.name}, ${item.team}`}
      </span>
    </li>
  );
}
