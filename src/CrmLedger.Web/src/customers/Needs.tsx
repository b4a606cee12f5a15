import { useMemo } from 'react';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatWord } from '../ui/format.ts';
import { Empty } from '../ui/States.tsx';
import { Time } from '../ui/Time.tsx';
import { lastAbout, latestOf, textOf, type Entry } from './entries.ts';

const say = texts.customers;
const looks = { proposed: 'info', accepted: 'good', declined: '' } as const;

/** What the customer prefers, the last word on each, and the solutions that were made of it. */
export function Needs({ events }: { events: readonly Entry[] }) {
  const preferences = useMemo(() => latestOf(events, 'preference_recorded', 'key'), [events]);
  const solutions = useMemo(() => solutionsOf(events), [events]);
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
        {solutions.map(({ proposed, status, reason }) => (
          <li key={proposed.id}>
            <span className="row">
              <span className={`badge ${looks[status]}`}>{say.solutionStates[status]}</span>
              <span className="muted small">
                <Time at={proposed.effectiveAt} as="day" />
              </span>
            </span>
            <span>{textOf(proposed, 'summary')}</span>
            {reason !== '' && <span className="muted small">{reason}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

type Solution = { readonly proposed: Entry; readonly status: keyof typeof looks; readonly reason: string };

/** Every proposal with what the customer said to it, the newest first. */
function solutionsOf(events: readonly Entry[]): readonly Solution[] {
  const accepted = lastAbout(events, 'solution_accepted', 'solutionId');
  const declined = lastAbout(events, 'solution_declined', 'solutionId');
  return latestOf(events, 'solution_proposed', 'solutionId')
    .map((proposed): Solution => {
      const id = textOf(proposed, 'solutionId');
      const refusal = declined.get(id);
      if (refusal !== undefined) return { proposed, status: 'declined', reason: textOf(refusal, 'reason') };
      return { proposed, status: accepted.has(id) ? 'accepted' : 'proposed', reason: '' };
    })
    .toReversed();
}
