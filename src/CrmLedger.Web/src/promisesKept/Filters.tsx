import { texts } from '../texts.ts';
import { Segments } from '../ui/Segments.tsx';
import type { Asked } from './asked.ts';
import { isPeriod, periodNames, type Period } from './period.ts';

const words = texts.promisesKept;

/** Which promises, by what, and how finely over time. */
export function Filters({ asked, days, ask }: { asked: Asked; days: Period; ask: (changes: Partial<Asked>) => void }) {
  return (
    <div className="row filters">
      <Segments
        label={words.period}
        value={asked.period}
        choose={(period) => ask({ period, ...(period === 'custom' ? days : { from: '', to: '' }) })}
        options={periodNames.map((name) => [name, words.periods[name]] as const)}
      />
      {asked.period === 'custom' && !isPeriod(asked.from, asked.to) && (
        <span className="wrong small" role="status">
          {words.noPeriod}
        </span>
      )}
      {asked.period === 'custom' && (
        <span className="row">
          <input
            className="input"
            type="date"
            aria-label={words.from}
            value={asked.from}
            max={asked.to}
            onChange={(event) => ask({ from: event.target.value })}
          />
          <span aria-hidden="true">–</span>
          <input
            className="input"
            type="date"
            aria-label={words.to}
            value={asked.to}
            min={asked.from}
            onChange={(event) => ask({ to: event.target.value })}
          />
        </span>
      )}
      <Segments
        label={words.by}
        value={asked.by}
        choose={(by) => ask({ by })}
        options={[
          ['team', words.groups.team],
          ['maker', words.groups.maker],
          ['kind', words.groups.kind],
        ]}
      />
      <Segments
        label={words.over}
        value={asked.over}
        choose={(over) => ask({ over })}
        options={[
          ['week', words.week],
          ['month', words.month],
        ]}
      />
    </div>
  );
}
