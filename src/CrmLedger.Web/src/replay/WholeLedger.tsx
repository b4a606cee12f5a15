import { useState, type FormEvent } from 'react';
import { Link } from 'wouter';
import { ledger, type Shapes } from '../api/client.ts';
import { Value } from '../proof/Value.tsx';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { useAddress } from '../ui/address.ts';
import { Field } from '../ui/Field.tsx';
import { formatField, formatWord } from '../ui/format.ts';
import { Answered, Empty } from '../ui/States.tsx';
import { Table } from '../ui/Table.tsx';
import { EventLinks } from './EventLinks.tsx';
import { fromLocal, toLocal } from './localTime.ts';

const words = texts.replay;
const views = ['open-commitments', 'kept-rate', 'relationships', 'touchpoints', 'directory'] as const;
type Row = Shapes['DiffPage']['items'][number];

/** What moved in a view of all customers between two times of knowledge, and by which events. */
export function WholeLedger() {
  const [address, change] = useAddress({ view: 'kept-rate', from: '', to: '' });
  const [asked, setAsked] = useState({ view: address.view, from: toLocal(address.from), to: toLocal(address.to) });
  const [wrong, setWrong] = useState<string | null>(null);

  function submit(event: FormEvent) {
    event.preventDefault();
    const [from, to] = [fromLocal(asked.from), fromLocal(asked.to)];
    const isAhead = from !== '' && from > (to === '' ? new Date().toISOString() : to);
    setWrong(from === '' || isAhead ? words.badTime : null);
    if (from !== '' && !isAhead) change({ view: asked.view, from, to });
  }

  return (
    <Card title={words.diff} note={words.diffNote}>
      <form className="diff-form" onSubmit={submit} noValidate>
        <Field label={words.diffView}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={asked.view}
              onChange={(event) => setAsked({ ...asked, view: event.target.value })}
            >
              {views.map((view) => (
                <option key={view} value={view}>
                  {formatWord(view).replace('-', ' ')}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={words.from} wrong={wrong}>
          {(control) => (
            <input
              {...control}
              className="input"
              type="datetime-local"
              step={1}
              value={asked.from}
              onChange={(event) => setAsked({ ...asked, from: event.target.value })}
            />
          )}
        </Field>
        <Field label={words.to}>
          {(control) => (
            <input
              {...control}
              className="input"
              type="datetime-local"
              step={1}
              value={asked.to}
              onChange={(event) => setAsked({ ...asked, to: event.target.value })}
            />
          )}
        </Field>
        <button className="button">{words.ask}</button>
      </form>
      {address.from === '' ? <p className="muted">{words.chooseTimes}</p> : <Answer {...address} />}
    </Card>
  );
}

const mostRows = 100;

function Answer({ view, from, to }: { view: string; from: string; to: string }) {
  const [count, setCount] = useState(mostRows);
  const diff = ledger.useQuery('get', '/v1/diff', {
    params: { query: { view, from, limit: count, ...(to === '' ? {} : { to }) } },
  });
  return (
    <Answered to={diff} empty={({ items }) => (items.length === 0 ? <Empty title={words.diffEmpty} /> : null)}>
      {({ items, next }) => (
        <div className="long">
          <Table
            caption={words.diffRows}
            rows={items}
            csv="moved"
            keyOf={keyOf}
            columns={[
              { title: words.who, text: nameOf, show: (row) => <Who row={row} /> },
              { title: words.row, text: (row) => row.key ?? '' },
              { title: words.what, text: (row) => words.changes2[row.change] },
              {
                title: `${words.field}: ${words.before} → ${words.after}`,
                text: textOf,
                show: (row) => <Changed row={row} />,
              },
              {
                title: words.by,
                text: (row) => row.events.map((event) => event.id).join(' '),
                show: (row) => <EventLinks events={row.events} />,
              },
            ]}
          />
          {next && count < 1_000 && (
            <button type="button" className="button small" onClick={() => setCount(1_000)}>
              {texts.table.all}
            </button>
          )}
        </div>
      )}
    </Answered>
  );
}

const keyOf = (row: Row): string => `${row.stream} ${row.key ?? ''}`;
const nameOf = (row: Row): string => row.name?.name ?? row.name?.reference ?? row.stream;

function Who({ row }: { row: Row }) {
  return row.stream.startsWith('customer-') ? (
    <Link href={`/replay/${row.stream.slice('customer-'.length)}`}>{nameOf(row)}</Link>
  ) : (
    <>{nameOf(row)}</>
  );
}

const textOf = (row: Row): string =>
  row.fields
    .map(({ field, before, after }) => `${field}: ${JSON.stringify(before) ?? ''} → ${JSON.stringify(after) ?? ''}`)
    .join('; ');

function Changed({ row }: { row: Row }) {
  const list = (
    <ul className="changes">
      {row.fields.map(({ field, before, after }) => (
        <li key={field}>
          <span className="muted">{formatField(field.split('.').at(-1)!)}</span>{' '}
          {before !== undefined && (
            <s>
              <Value value={before} />
            </s>
          )}
          {before !== undefined && after !== undefined && ' → '}
          {after !== undefined && <Value value={after} />}
        </li>
      ))}
    </ul>
  );
  return row.fields.length <= 4 ? (
    list
  ) : (
    <details>
      <summary>{words.fields(String(row.fields.length))}</summary>
      {list}
    </details>
  );
}
