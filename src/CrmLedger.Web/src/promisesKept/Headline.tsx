import { Link } from 'wouter';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatCount, formatPoints, formatShare } from '../ui/format.ts';
import { Interval } from '../ui/Interval.tsx';
import { Answered } from '../ui/States.tsx';
import { behind, parts } from './asked.ts';

const words = texts.promisesKept;
type Share = Shapes['Share'];

/** The four figures that a leader looks at first. */
export function Headline({
  rate,
  change,
  due,
}: {
  rate: UseQueryResult<Shapes['KeptRateAnswer'], unknown>;
  change: UseQueryResult<Shapes['KeptRateChangeAnswer'], unknown>;
  due: UseQueryResult<Shapes['DueAnswer'], unknown>;
}) {
  return (
    <>
      <Card title={words.strict} span={3}>
        <Answered to={rate} height={96}>
          {(answer) => (
            <Rate
              name="strict"
              share={answer.total.strict}
              hint={words.strictHint}
              to={behind(answer, parts.keptFirst)}
              all={behind(answer, parts.counted)}
            />
          )}
        </Answered>
      </Card>
      <Card title={words.agreed} span={3}>
        <Answered to={rate} height={96}>
          {(answer) => (
            <Rate
              name="agreed"
              share={answer.total.agreed}
              hint={words.agreedHint}
              to={behind(answer, parts.keptAgreed)}
              all={behind(answer, parts.settled)}
            />
          )}
        </Answered>
      </Card>
      <Card title={words.change} span={3}>
        <Answered to={change} height={96}>
          {(answer) => <Change answer={answer} />}
        </Answered>
      </Card>
      <Card title={words.open} span={3}>
        <Answered to={due} height={96}>
          {({ total }) => <Open counts={total} />}
        </Answered>
      </Card>
    </>
  );
}

function Rate({ name, share, hint, to, all }: { name: string; share: Share; hint: string; to: string; all: string }) {
  return (
    <div className="figure" data-figure={name}>
      <span className="value">
        <Link href={all}>{formatShare(share.rate)}</Link>
      </span>
      <Interval {...share} />
      <span className="under">
        <Link href={to}>{formatCount(share.numerator)}</Link>
        {words.of}
        <Link href={all}>{formatCount(share.denominator)}</Link>
        {share.low !== null && ` · ${words.interval(formatShare(share.low), formatShare(share.high))}`}
      </span>
      <span className="under">{hint}</span>
    </div>
  );
}

function Change({ answer }: { answer: Shapes['KeptRateChangeAnswer'] }) {
  const { difference, low, high, p, before } = answer.total;
  const tone = p === null || p >= 0.05 ? '' : difference! > 0 ? 'good' : 'bad';
  return (
    <div className="figure" data-figure="change">
      <span className="value">{formatPoints(difference)}</span>
      {before.denominator > 0 && (
        <span className="under">
          {words.points(formatShare(before.rate))}
          <Link href={behind({ from: answer.beforeFrom, to: answer.from }, parts.counted)}>
            {formatCount(before.denominator)}
          </Link>
        </span>
      )}
      {low !== null && <span className="under">{words.interval(formatPoints(low), formatPoints(high))}</span>}
      <span>
        <span className={`badge ${tone}`}>
          {p === null ? words.nothingBefore : p < 0.05 ? words.significant : words.chance}
        </span>
      </span>
    </div>
  );
}

function Open({ counts }: { counts: Shapes['DueCounts'] }) {
  return (
    <div className="figure" data-figure="open">
      <span className="value">
        <Link href="/today?whose=all">{formatCount(counts.open)}</Link>
      </span>
      <span className="row">
        <Link href="/today?whose=all&due=overdue" className="badge bad">
          {words.overdue(formatCount(counts.overdue))}
        </Link>
        <Link href="/today?whose=all&due=soon" className="badge warn">
          {words.dueSoon(formatCount(counts.dueSoon))}
        </Link>
      </span>
      <span className="under">{words.openHint}</span>
    </div>
  );
}
