import { keepPreviousData } from '@tanstack/react-query';
import { ledger, type Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { formatCount, formatMoment } from '../ui/format.ts';
import { Answered, Empty } from '../ui/States.tsx';
import { Causes } from './Causes.tsx';
import { Filters } from './Filters.tsx';
import { Groups } from './Groups.tsx';
import { Headline } from './Headline.tsx';
import './promisesKept.css';
import { Ranking } from './Ranking.tsx';
import { Trend } from './Trend.tsx';
import { useAsked } from './asked.ts';

const words = texts.promisesKept;

/** Who keeps their word: the leaders' first page. */
export function PromisesKept() {
  const { asked, days, ask } = useAsked();
  const query = { ...days, by: asked.by, over: asked.over };
  // What was asked before stays until the new answer is there; each answer says itself what it is of.
  const rate = ledger.useQuery('get', '/v1/kept-rate', { params: { query } }, { placeholderData: keepPreviousData });
  const change = ledger.useQuery(
    'get',
    '/v1/kept-rate/change',
    { params: { query: { ...days, by: asked.by } } },
    { placeholderData: keepPreviousData },
  );
  const due = ledger.useQuery('get', '/v1/commitments/due', { params: { query: {} } });
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{texts.pages.promises}</h1>
          <p className="lead">
            {rate.data && rate.data.position >= 0
              ? `${texts.knownAt(formatMoment(rate.data.asOf), formatCount(rate.data.position))}. ${words.utc}`
              : words.lead}
          </p>
        </div>
        <Filters asked={asked} days={days} ask={ask} />
      </header>
      <div className="grid" aria-busy={rate.isPlaceholderData || change.isPlaceholderData}>
        <Headline rate={rate} change={change} due={due} />
        <Answered
          to={rate}
          height={380}
          empty={(answer) => (answer.total.n > 0 ? null : <NoPromises answer={answer} />)}
        >
          {(answer) => (
            <>
              <Trend answer={answer} />
              <Causes answer={answer} />
              <Groups answer={answer} changes={change.data?.groups ?? []} />
            </>
          )}
        </Answered>
        <Ranking order="lowest" days={days} />
        <Ranking order="highest" days={days} />
      </div>
    </>
  );
}

function NoPromises({ answer: { notice, position } }: { answer: Shapes['KeptRateAnswer'] }) {
  const isLedgerEmpty = position < 0;
  return (
    <section className="card span-12">
      <Empty title={words.none}>
        <p>{notice ?? (isLedgerEmpty ? words.noneYet : words.noneHint)}</p>
      </Empty>
    </section>
  );
}
