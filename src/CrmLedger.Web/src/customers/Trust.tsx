import { useCallback, useMemo } from 'react';
import { Link } from 'wouter';
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { api, ledger, type Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { Chart } from '../ui/Chart.tsx';
import { formatCount, formatMoment, formatScore } from '../ui/format.ts';
import { Answered, Empty, Loading } from '../ui/States.tsx';
import { momentsToAsk } from './trustMoments.ts';
import { trustOption, type Judged } from './trustOverTime.ts';

const say = texts.customers;
type Answer = Shapes['TrustAnswer'];

/** Trust as the API judged it at a few moments, and the evidence that makes it what it is now. */
export function Trust({
  customerId,
  atLeast,
  mayRead,
}: {
  customerId: string;
  atLeast: number | undefined;
  mayRead: boolean;
}) {
  const trust = ledger.useQuery(
    'get',
    '/v1/customers/{customerId}/trust',
    {
      params: { path: { customerId }, query: atLeast === undefined ? {} : { atLeast } },
    },
    { placeholderData: keepPreviousData },
  );
  return (
    <>
      <Card title={say.trustOverTime} note={say.trustNote} span={7}>
        <Answered
          to={trust}
          height={300}
          empty={({ evidence }) => (evidence.length === 0 ? <Empty title={say.noEvidence} /> : null)}
        >
          {(answer) => <OverTime answer={answer} />}
        </Answered>
      </Card>
      <Card
        title={say.evidence}
        span={5}
        note={trust.data ? say.halfLife(formatCount(trust.data.rules.halfLifeDays)) : undefined}
      >
        <Answered
          to={trust}
          height={300}
          empty={({ evidence }) => (evidence.length === 0 ? <Empty title={say.noEvidence} /> : null)}
        >
          {(answer) => <Evidence evidence={answer.evidence} mayRead={mayRead} />}
        </Answered>
      </Card>
    </>
  );
}

function OverTime({ answer }: { answer: Answer }) {
  const { customerId, evidence, until: now } = answer;
  const moments = useMemo(
    () =>
      momentsToAsk(
        evidence.map(({ at }) => at),
        now,
      ),
    [evidence, now],
  );
  const rests = evidence.map(({ position, weight }) => `${position}/${weight}`).join(); // it alone moves past scores
  const asked = useQueries({
    queries: moments.map((until) => ({
      queryKey: ['trust', customerId, until, rests],
      queryFn: ({ signal }: { signal: AbortSignal }) => judgedAt(customerId, until, signal),
      staleTime: Infinity,
    })),
    combine: (results) => ({
      pending: results.some((result) => result.isPending),
      judged: results.flatMap(({ data }) => data ?? []),
    }),
  });
  const judged = useMemo(
    () => [...asked.judged, judgedBy(answer)].toSorted((a, b) => (a.at < b.at ? -1 : 1)),
    [asked.judged, answer],
  );
  const option = useCallback(() => trustOption(judged), [judged]);
  if (asked.pending) return <Loading height={300} />;
  return (
    <Chart
      title={say.trustOverTime}
      height={300}
      option={option}
      rows={judged}
      keyOf={({ at }) => at}
      csv="trust"
      summary={say.trustSummary(formatScore(answer.score), formatScore(answer.atLeast), formatScore(answer.atMost))}
      columns={columns}
    />
  );
}

const judgedBy = ({ until, score, atLeast, atMost }: Answer): Judged => ({
  at: until,
  score,
  low: atLeast,
  high: atMost,
});

async function judgedAt(customerId: string, until: string, signal: AbortSignal): Promise<Judged> {
  const { data, error } = await api.GET('/v1/customers/{customerId}/trust', {
    params: { path: { customerId }, query: { until } },
    signal,
  });
  if (error !== undefined) throw error;
  return judgedBy(data);
}

const columns = [
  { title: say.trustColumns.at, text: ({ at }: Judged) => formatMoment(at) },
  { title: say.trustColumns.score, text: ({ score }: Judged) => formatScore(score), toRight: true },
  { title: say.trustColumns.low, text: ({ low }: Judged) => formatScore(low), toRight: true },
  { title: say.trustColumns.high, text: ({ high }: Judged) => formatScore(high), toRight: true },
];

function Evidence({ evidence, mayRead }: { evidence: Answer['evidence']; mayRead: boolean }) {
  return (
    <div className="virtual short" tabIndex={0} role="group" aria-label={say.evidence}>
      <ul className="evidence">
        {evidence.map((one) => (
          <li key={`${one.source}/${one.eventId}/${one.kind}`}>
            <span className={`number ${one.points < 0 ? 'bad' : 'good'}`}>
              {`${one.points < 0 ? '−' : '+'}${formatScore(Math.abs(one.points))}`}
            </span>
            <span>{mayRead ? <Link href={`/events/${one.eventId}`}>{one.explanation}</Link> : one.explanation}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
