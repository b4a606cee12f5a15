import { useMemo } from 'react';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatWord } from '../ui/format.ts';
import { Empty } from '../ui/States.tsx';
import { Time } from '../ui/Time.tsx';
import { livesOf } from './commitments.ts';
import { latestOf, textOf, type Entry } from './entries.ts';

const say = texts.customers;
const looks = { proposed: 'info', accepted: 'good', declined: '' } as const;

/** What the customer prefers, the last word on each, and the solutions that were made of it. */
export function Needs({ events }: { events: readonly Entry[] }) {
  const preferences = useMemo(() => latestOf(events, 'preference_recorded', 'key'), [events]);
  const solutions = useMemo(() => [...livesOf(events).solutions.values()].toReversed(), [events]);
  return (
    <Card title={say.needs} span={6}>
      {preferences.length === 0 && solutions.length === 0 && <Empty title={say.preferencesNone} />}
      <ul className="needs" tabIndex={0} aria-label={say.needs}>
        {preferences.map((entry) => (
          <li key={entry.id}>
            <span className="row">
              <strong>{formatWord(textOf(entry, 'key'))}</strong>
              <span className="muted small">
                {`${textOf(entry, 'source') === 'stated' ? say.stated : say.observed} `}
                <Time at={entry.occurredAt} as="day" />
              </span>
            </span>
            <span>{textOf(entry, 'value')}</span>
          </li>
        ))}
        {solutions.map((life) => (
          <li key={life.entryId}>
            <span className="row">
              <span className={`badge ${looks[life.status]}`}>{say.solutionStates[life.status]}</span>
              <span className="muted small">
                <Time at={life.at} as="day" />
              </span>
            </span>
            <span>{life.summary}</span>
            {life.reason !== '' && <span className="muted small">{life.reason}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
