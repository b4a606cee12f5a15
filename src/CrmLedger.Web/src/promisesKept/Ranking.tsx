import { Link } from 'wouter';
import { keepPreviousData } from '@tanstack/react-query';
import { ledger, type Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatCount, formatShare } from '../ui/format.ts';
import { Interval } from '../ui/Interval.tsx';
import { Answered, Empty } from '../ui/States.tsx';
import { behind, parts } from './asked.ts';
import type { Period } from './period.ts';

const words = texts.promisesKept;

/** Who needs help, or who deserves recognition: owners by the doubtful side of their interval. */
export function Ranking({ order, days }: { order: 'lowest' | 'highest'; days: Period }) {
  const ranking = ledger.useQuery(
    'get',
    '/v1/kept-rate/ranking',
    { params: { query: { ...days, by: 'maker', order, minN: '5', limit: 4 } } },
    { placeholderData: keepPreviousData },
  );
  const [title, note] = order === 'lowest' ? [words.help, words.helpNote] : [words.recognition, words.recognitionNote];
  return (
    <Card title={title} note={note} span={6}>
      <Answered to={ranking} height={220} empty={(r) => (r.items.length > 0 ? null : <Empty title={words.nobody} />)}>
        {(answer) => (
          <ol className="ranking">
            {answer.items.map((item) => (
              <Ranked key={item.key} item={item} of={answer} />
            ))}
          </ol>
        )}
      </Answered>
    </Card>
  );
}

function Ranked({ item, of }: { item: Shapes['RankedKeptRate']; of: Shapes['KeptRateRanking'] }) {
  const { rate, low, high } = item.strict;
  return (
    <li>
      <Link href={behind(of, parts.counted, item.key)}>{item.label}</Link>
      <Interval {...item.strict} beside={item.overall} />
      <span className="number">
        <strong>{formatShare(rate)}</strong>{' '}
        <span className="muted small">{words.rankedOf(formatCount(item.n), formatShare(low), formatShare(high))}</span>
      </span>
      <span className={`badge ${item.stands === 'above' ? 'good' : item.stands === 'below' ? 'bad' : ''}`}>
        {words.stands[item.stands]}
      </span>
    </li>
  );
}
