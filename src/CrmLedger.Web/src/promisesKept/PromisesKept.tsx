import { memo, useDeferredValue } from 'react';
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
import { daysOf, useAsked, type Asked } from './asked.ts';

const words = texts.promisesKept;

/** Who keeps their word: the leaders' first page. */
export function PromisesKept() {
  const [asked, ask] = useAsked();
  // A press shows at once; the numbers that follow from it are drawn after that has been painted.
  const later = useDeferredValue(asked);
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{texts.pages.promises}</h1>
          <KnownAt asked={later} />
        </div>
        <Filters asked={asked} days={daysOf(asked)} ask={ask} />
      </header>
      <div aria-busy={later !== asked}>
        <Numbers asked={later} />
      </div>
    </>
  );
}

/** The rates asked for. What was asked before stays until they are there; each answer says itself what it is of. */
const useRate = (asked: Asked) =>
  ledger.useQuery(
    'get',
    '/v1/kept-rate',
    { params: { query: { ...daysOf(asked), by: asked.by, over: asked.over } } },
    { placeholderData: keepPreviousData },
  );

const KnownAt = memo(function KnownAt({ asked }: { asked: Asked }) {
  const { data } = useRate(asked);
  return (
    <p className="lead">
      {data && data.position >= 0
        ? `${texts.knownAt(formatMoment(data.asOf), formatCount(data.position))}. ${words.utc}`
        : words.lead}
    </p>
  );
});

const Numbers = memo(function Numbers({ asked }: { asked: Asked }) {
  const days = daysOf(asked);
  const rate = useRate(asked);
  const change = ledger.useQuery(
    'get',
    '/v1/kept-rate/change',
    { params: { query: { ...days, by: asked.by } } },
    { placeholderData: keepPreviousData },
  );
  const due = ledger.useQuery('get', '/v1/commitments/due', { params: { query: {} } });
  return (
    <div className="grid" aria-busy={rate.isPlaceholderData || change.isPlaceholderData}>
      <Headline rate={rate} change={change} due={due} />
      <Answered to={rate} height={380} empty={(answer) => (answer.total.n > 0 ? null : <NoPromises answer={answer} />)}>
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
  );
});

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
