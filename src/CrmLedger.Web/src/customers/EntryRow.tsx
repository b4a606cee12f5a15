import { Link } from 'wouter';
import { texts } from '../texts.ts';
import { formatMoment } from '../ui/format.ts';
import { Time } from '../ui/Time.tsx';
import { kindOf, numberOf, textOf, type Entry } from './entries.ts';
import { toneOfScore, toneOfTouchpoint, type Tone } from './lanes.ts';
import { sentenceOf, type Named } from './sentences.ts';

const say = texts.customers;

/** An entry as a sentence, with what was said, when, and where its proof is. What was annulled is struck through. */
export function EntryRow({ entry, named, pointedAt }: { entry: Entry; named: Named; pointedAt: boolean }) {
  const { says, quote, notes } = sentenceOf(entry, named);
  const { annulled } = entry;
  const late = entry.effectiveAt !== entry.occurredAt;
  const promiseId = kindOf(entry.type) === 'promises' ? textOf(entry, 'promiseId') : '';
  return (
    <article className={`entry ${pointedAt ? 'pointed-at' : ''}`}>
      <span className={`dot ${toneOf(entry)}`} aria-hidden="true" />
      <div>
        <p className="said">{annulled ? <s>{says}</s> : says}</p>
        {quote !== '' && <blockquote>{annulled ? <s>{quote}</s> : quote}</blockquote>}
        {annulled && (
          <p className="annulment">{`${say.annulledBy(annulled.by, formatMoment(annulled.at))}: ${annulled.reason}`}</p>
        )}
        <p className="meta">
          <Time at={entry.occurredAt} />
          {late && <span>{say.recordedLater(formatMoment(entry.recordedAt))}</span>}
          {notes.map((note) => (
            <span key={note}>{note}</span>
          ))}
        </p>
      </div>
      <div className="links">
        {promiseId !== '' && (
          <Link href={`/customers/${entry.stream.slice('customer-'.length)}/promises/${encodeURIComponent(promiseId)}`}>
            {say.openPromise}
          </Link>
        )}
        <Link href={`/events/${entry.id}`}>
          {say.proof}
          <span className="hidden-but-read">{`: ${says}`}</span>
        </Link>
      </div>
    </article>
  );
}

const bad = new Set([
  'promise_lapsed',
  'promise_disputed',
  'promise_withdrawn',
  'follow_up_missed',
  'concern_unanswered',
  'concern_reopened',
  'concern_raised',
  'feedback_unanswered',
  'relationship_ended',
]);
const good = new Set([
  'promise_declared_kept',
  'promise_confirmed',
  'follow_up_completed',
  'concern_resolved',
  'feedback_acted_upon',
  'feedback_outcome_told',
  'solution_accepted',
  'relationship_renewed',
]);

function toneOf(entry: Entry): Tone {
  if (entry.annulled !== undefined) return 'muted';
  if (entry.type === 'touchpoint_recorded') return toneOfTouchpoint(textOf(entry, 'tone'));
  if (entry.type === 'feedback_received') return toneOfScore(textOf(entry, 'kind'), numberOf(entry, 'score'));
  if (entry.type === 'purchase_recorded' || entry.type === 'promise_made') return 'info';
  return bad.has(entry.type) ? 'bad' : good.has(entry.type) ? 'good' : 'muted';
}
