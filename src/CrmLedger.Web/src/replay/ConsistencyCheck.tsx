import { useState } from 'react';
import { api, ledger, problemOf, type Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatCount, formatScore, formatWord } from '../ui/format.ts';
import { Answered } from '../ui/States.tsx';
import { Table } from '../ui/Table.tsx';

const words = texts.replay;
type Result = Shapes['ConsistencyCheckResult'];
type Checked = { readonly [view: string]: Result | 'busy' | { readonly refused: string } };

/** Has views made again from the log and compared; one after the other, as each reads the whole log. */
export function ConsistencyCheck() {
  const status = ledger.useQuery('get', '/v1/status');
  const [checked, setChecked] = useState<Checked>({});
  const isBusy = Object.values(checked).includes('busy');

  async function check(views: readonly string[]) {
    for (const view of views) {
      setChecked((before) => ({ ...before, [view]: 'busy' }));
      let result: Checked[string];
      try {
        const { data, error } = await api.POST('/v1/views/{view}/check-consistency', { params: { path: { view } } });
        result = data ?? { refused: problemOf(error).detail ?? problemOf(error).title };
      } catch (thrown) {
        result = { refused: problemOf(thrown).detail ?? problemOf(thrown).title };
      }
      setChecked((before) => ({ ...before, [view]: result }));
    }
  }

  return (
    <Card
      title={words.check}
      note={words.checkNote}
      aside={
        <button
          type="button"
          className="button small"
          disabled={isBusy || status.data === undefined}
          onClick={() => void check(status.data!.views.map((view) => view.name))}
        >
          {words.checkAll}
        </button>
      }
    >
      <Answered to={status}>
        {({ views }) => (
          <>
            <Table
              caption={words.checkRows}
              rows={views}
              keyOf={(view) => view.name}
              columns={[
                { title: words.view, text: (view) => formatWord(view.name) },
                {
                  title: words.position,
                  text: (view) => view.position,
                  toRight: true,
                  show: (view) => formatCount(view.position),
                },
                { title: words.state2, text: () => '', show: (view) => <State view={view} /> },
                { title: words.check, text: () => '', show: (view) => <Outcome of={checked[view.name]} /> },
                {
                  title: words.start,
                  text: () => '',
                  show: (view) => (
                    <button
                      type="button"
                      className="button small"
                      disabled={isBusy}
                      onClick={() => void check([view.name])}
                    >
                      {words.checkOne}
                      <span className="hidden-but-read">{` ${view.name}`}</span>
                    </button>
                  ),
                },
              ]}
            />
            {views.map(({ name }) => (
              <Differences key={name} of={checked[name]} />
            ))}
          </>
        )}
      </Answered>
    </Card>
  );
}

function State({ view }: { view: Shapes['ViewStatus'] }) {
  return (
    <>
      <span className={view.lag > 0 ? 'badge warn' : 'muted'}>{words.lag(formatCount(view.lag))}</span>{' '}
      {view.quarantined.length > 0 && (
        <span className="badge bad">{words.setAside(formatCount(view.quarantined.length))}</span>
      )}
    </>
  );
}

function Outcome({ of }: { of: Checked[string] | undefined }) {
  if (of === undefined) return <span className="muted">{words.notChecked}</span>;
  if (of === 'busy') return <span role="status">{words.checking}</span>;
  if ('refused' in of)
    return (
      <span className="wrong" role="alert">
        {of.refused}
      </span>
    );
  const took = <span className="muted small">{words.seconds(formatScore(of.seconds))}</span>;
  return of.differences === 0 ? (
    <>
      <span className="badge good">{words.same(formatCount(of.rows), formatCount(of.position))}</span> {took}
    </>
  ) : (
    <>
      <span className="badge bad">{words.differs(formatCount(of.differences), formatCount(of.rows))}</span> {took}
    </>
  );
}

/** Every difference by name, with what is stored and what the log gives. */
function Differences({ of }: { of: Checked[string] | undefined }) {
  if (of === undefined || of === 'busy' || 'refused' in of || of.items.length === 0) return null;
  return (
    <div className="long">
      <h3>{formatWord(of.view)}</h3>
      <Table
        caption={of.view}
        rows={of.items}
        csv={`consistency-check-${of.view}`}
        keyOf={(row) => `${row.kind} ${row.stream} ${row.key} ${row.validFrom ?? ''}`}
        columns={[
          { title: words.kind, text: (row) => formatWord(row.kind) },
          { title: words.stream, text: (row) => row.stream },
          { title: words.row, text: (row) => row.key },
          { title: words.columns, text: (row) => row.columns.join(', ') },
          { title: words.stored, text: (row) => row.stored, show: (row) => <code>{row.stored ?? '–'}</code> },
          { title: words.folded, text: (row) => row.folded, show: (row) => <code>{row.folded ?? '–'}</code> },
        ]}
      />
    </div>
  );
}
