import { Link } from 'wouter';
import { api, type Shapes } from '../api/client.ts';
import { saveCsv } from '../api/saveCsv.ts';
import { usePages } from '../api/usePages.ts';
import { texts } from '../texts.ts';
import { useAddress } from '../ui/address.ts';
import { formatCount, formatDay, formatMoment, formatWord } from '../ui/format.ts';
import { Segments } from '../ui/Segments.tsx';
import { Answered, Empty } from '../ui/States.tsx';
import { Time } from '../ui/Time.tsx';
import { VirtualTable } from '../ui/VirtualTable.tsx';
import { parts } from './asked.ts';
import './promisesKept.css';

const words = texts.promisesKept;
type Row = Shapes['KeptRateItem'];
type Class = keyof typeof words.classes;

const tones: Record<Class, string> = {
  kept_first_date: 'good',
  kept_agreed_date: 'good',
  kept_late: 'warn',
  broken: 'bad',
  overdue: 'bad',
  moved_by_agreement: 'info',
  released: '',
  not_yet_due: '',
};

const columns = [
  {
    title: words.customer,
    onPhone: true,
    text: (r: Row) => r.customer?.name ?? r.customerId,
    show: (r: Row) => (
      <Link href={`/customers/${r.customerId}/promises/${encodeURIComponent(r.promiseId)}`}>
        {r.customer?.name ?? words.unknown}
      </Link>
    ),
  },
  {
    title: words.became,
    onPhone: true,
    text: (r: Row) => words.classes[r.class as Class],
    show: (r: Row) => <span className={`badge ${tones[r.class as Class]}`}>{words.classes[r.class as Class]}</span>,
  },
  {
    title: words.firstDue,
    onPhone: true,
    text: (r: Row) => formatDay(r.firstDue),
    show: (r: Row) => <Time at={r.firstDue} as="day" />,
  },
  {
    title: words.bindingDue,
    text: (r: Row) => formatDay(r.bindingDue),
    show: (r: Row) =>
      r.bindingDue === r.firstDue ? <span className="muted">–</span> : <Time at={r.bindingDue} as="day" />,
  },
  {
    title: words.keptAt,
    text: (r: Row) => r.keptAt,
    show: (r: Row) => (r.keptAt ? <Time at={r.keptAt} as="day" /> : <span className="muted">–</span>),
  },
  { title: words.kind, text: (r: Row) => formatWord(r.kind) },
  { title: words.owner, text: (r: Row) => r.maker?.name ?? r.makerId },
];

type Option = readonly [string, string];

/** The part that a number asked for, where it is no single class: it can be seen, and left, but not come back to. */
function partOf(asked: { class: string; cause: string; only: string }): readonly Option[] {
  const names = words.partNames;
  if (asked.cause !== '') return [[asked.cause, names.cause(formatWord(asked.cause))]];
  if (asked.only !== '') return [[asked.only, names[asked.only as 'imported'] ?? asked.only]];
  if (asked.class === '' || asked.class in words.classes) return [];
  const known = (['counted', 'keptAgreed', 'settled'] as const).find((name) => parts[name].class === asked.class);
  return [[asked.class, known === undefined ? asked.class : names[known]]];
}

/** The page that the number stands on, with the days and the groups that it is of. */
function backTo({ from, to, by }: { from: string; to: string; by: string }): string {
  const query = new URLSearchParams(from !== '' && to !== '' ? { period: 'custom', from, to } : {});
  if (by in words.groupTitles) query.set('by', by);
  return `/promises?${query.toString()}`;
}

/** What a number on the leaders' page is made of: its promises. Each opens its events, and each of those its proof. */
export function Behind() {
  const [asked, ask] = useAddress({ from: '', to: '', by: '', key: '', class: '', cause: '', only: '' });
  const query = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''));
  const list = usePages(['kept-rate-promises', query], (cursor) =>
    api.GET('/v1/kept-rate/promises', { params: { query: { ...query, limit: 200, ...(cursor ? { cursor } : {}) } } }),
  );
  const { first, rows } = list;
  return (
    <>
      <header className="page-head">
        <div>
          <p>
            <Link href={backTo(asked)}>{words.back}</Link>
          </p>
          <h1>{words.behind}</h1>
          {first && (
            <p className="lead">
              {words.behindLead(formatCount(first.total))}
              {' · '}
              {`${texts.knownAt(formatMoment(first.asOf), formatCount(first.position))}. ${words.utc}`}
            </p>
          )}
        </div>
        <button type="button" className="button" onClick={() => saveCsv('/v1/kept-rate/promises', query, 'promises')}>
          {words.asCsv}
        </button>
      </header>
      <div className="stack">
        <Segments
          label={words.became}
          value={asked.class + asked.cause + asked.only}
          choose={(chosen) => ask({ class: chosen, cause: '', only: '' })}
          options={[...partOf(asked), ['', words.every], ...Object.entries(words.classes)]}
        />
        <section className="card" aria-label={words.behind}>
          <Answered to={list.answer} height={480} empty={() => (rows.length > 0 ? null : <Empty title={words.none} />)}>
            {() => (
              <VirtualTable
                caption={words.behind}
                columns={columns}
                rows={rows}
                total={first?.total ?? 0}
                widths="minmax(130px,1.6fr) 110px 110px 110px 110px minmax(90px,1fr) minmax(110px,1.2fr)"
                widthsOnPhone="minmax(0,1fr) 104px 92px"
                keyOf={(r) => `${r.customerId}/${r.promiseId}`}
                more={list.more}
                loadingMore={list.loadingMore}
              />
            )}
          </Answered>
        </section>
      </div>
    </>
  );
}
