import { Link } from 'wouter';
import { Value } from '../proof/Value.tsx';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatCount, formatField, formatScore, formatWord } from '../ui/format.ts';
import { Table } from '../ui/Table.tsx';
import { Time } from '../ui/Time.tsx';
import { type FieldRow, fieldsOf, type Step } from './moments.ts';
import { namesOf } from './names.ts';
import type { Members } from './Story.tsx';

const words = texts.replay;
type Named = Readonly<Record<string, string>>;

/** What one event was, what it changed in the thing that it is about, in each view, and in the customer's trust. */
export function StepCards({ step, members, go }: { step: Step; members: Members; go: (version: number) => void }) {
  const named = namesOf(members);
  return (
    <div className="grid">
      <EventCard step={step} named={named} go={go} />
      <StateCard state={step.state} named={named} />
      <TrustCard trust={step.trust} />
      <ViewsCard views={step.views} named={named} />
    </div>
  );
}

function EventCard({ step, named, go }: { step: Step; named: Named; go: (version: number) => void }) {
  const { event, annuls } = step;
  const { annulled } = event;
  return (
    <Card
      title={words.event}
      span={6}
      aside={
        <Link className="button small" href={`/events/${event.id}`}>
          {words.proof}
        </Link>
      }
    >
      {annulled && (
        <p className="callout bad annulment">
          <strong>{words.annulled(annulled.by)}</strong>
          <span>
            <Time at={annulled.at} />: {annulled.reason}
          </span>
        </p>
      )}
      {annuls && (
        <p className="callout warn">
          {words.annuls(formatWord(annuls.type), formatCount(annuls.version))}{' '}
          <button type="button" className="button small" onClick={() => go(annuls.version)}>
            {words.toAnnulled}
          </button>
        </p>
      )}
      <h3 className="what">{annulled ? <s>{formatWord(event.type)}</s> : formatWord(event.type)}</h3>
      <dl className={annulled ? 'facts one struck' : 'facts one'}>
        {Object.entries(event.data).map(([name, value]) => (
          <div key={name}>
            <dt>{formatField(name)}</dt>
            <dd>
              <Value value={value} named={named} />
            </dd>
          </div>
        ))}
      </dl>
      <dl className="facts one under">
        <div>
          <dt>{words.happened}</dt>
          <dd>
            <Time at={event.occurredAt} />
          </dd>
        </div>
        <div>
          <dt>{words.recorded}</dt>
          <dd>
            <Time at={event.recordedAt} />
          </dd>
        </div>
        <div>
          <dt>{words.actor}</dt>
          <dd>{event.actor}</dd>
        </div>
        <div>
          <dt>{words.version}</dt>
          <dd>{formatCount(event.version)}</dd>
        </div>
        <div>
          <dt>{words.position}</dt>
          <dd>{formatCount(event.position)}</dd>
        </div>
      </dl>
    </Card>
  );
}

function StateCard({ state, named }: { state: Step['state']; named: Named }) {
  if (!state)
    return (
      <Card title={words.state} span={6}>
        <p className="muted">{words.noState}</p>
      </Card>
    );
  const rows = fieldsOf(state);
  const [changed, same] = [rows.filter((row) => row.isNew), rows.filter((row) => !row.isNew)];
  const became = !state.before
    ? words.begins
    : !state.after
      ? words.ends
      : changed.length > 0
        ? words.changes
        : words.stays;
  return (
    <Card title={words.state} note={`${state.part} ${became}`} span={6}>
      {changed.length > 0 && <Fields caption={`${state.part} ${became}`} rows={changed} named={named} />}
      {same.length > 0 && (
        <details>
          <summary>{words.unchanged(formatCount(same.length))}</summary>
          <Fields caption={words.unchanged(formatCount(same.length))} rows={same} named={named} />
        </details>
      )}
    </Card>
  );
}

function Fields({ caption, rows, named }: { caption: string; rows: readonly FieldRow[]; named: Named }) {
  return (
    <Table
      caption={caption}
      rows={rows}
      keyOf={(row) => row.field}
      columns={[
        { title: words.field, text: (row) => formatField(row.field) },
        { title: words.before, text: () => '', show: (row) => <Value value={row.before} named={named} /> },
        { title: words.after, text: () => '', show: (row) => <Value value={row.after} named={named} /> },
      ]}
    />
  );
}

function TrustCard({ trust }: { trust: Step['trust'] }) {
  const by = trust.after - trust.before;
  const moved = Math.abs(by) >= 0.05;
  return (
    <Card title={words.trust} note={words.trustNote} span={12}>
      <p className="trust">
        <span className="value number">{formatScore(trust.before)}</span>
        <span aria-hidden="true">→</span>
        <span className="hidden-but-read">{words.after}</span>
        <span className="value number">{formatScore(trust.after)}</span>
        <span className={`badge ${!moved ? '' : by > 0 ? 'good' : 'bad'}`}>
          {moved ? `${by > 0 ? '+' : '−'}${formatScore(Math.abs(by))}` : words.trustStays}
        </span>
      </p>
    </Card>
  );
}

type ViewRow = { view: string; row: string; change: string; fields: Step['views'][number]['rows'][number]['fields'] };

function ViewsCard({ views, named }: { views: Step['views']; named: Named }) {
  const rows: readonly ViewRow[] = views.flatMap(({ view, rows: of }) =>
    of.map(({ key, change, fields }) => ({ view, row: key ?? '', change: words.changes2[change], fields })),
  );
  if (rows.length === 0)
    return (
      <Card title={words.views}>
        <p className="muted">{words.noViews}</p>
      </Card>
    );
  return (
    <Card title={words.views}>
      <Table
        caption={words.viewRows}
        rows={rows}
        keyOf={(row) => `${row.view} ${row.row}`}
        columns={[
          { title: words.view, text: (row) => formatWord(row.view) },
          { title: words.row, text: (row) => row.row },
          { title: words.what, text: (row) => row.change },
          {
            title: `${words.field}: ${words.before} → ${words.after}`,
            text: () => '',
            show: (row) => <Changes row={row} named={named} />,
          },
        ]}
      />
    </Card>
  );
}

const fewFields = 4;

function Changes({ row, named }: { row: ViewRow; named: Named }) {
  const list = (
    <ul className="changes">
      {row.fields.map(({ field, before, after }) => (
        <li key={field}>
          <span className="muted">{formatField(field.split('.').at(-1)!)}</span>{' '}
          {before !== undefined && (
            <s>
              <Value value={before} named={named} />
            </s>
          )}
          {before !== undefined && after !== undefined && ' → '}
          {after !== undefined && <Value value={after} named={named} />}
        </li>
      ))}
    </ul>
  );
  return row.fields.length <= fewFields ? (
    list
  ) : (
    <details>
      <summary>{words.fields(formatCount(row.fields.length))}</summary>
      {list}
    </details>
  );
}
