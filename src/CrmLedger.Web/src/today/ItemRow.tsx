import { Link } from 'wouter';
import { Actions } from '../commitments/Actions.tsx';
import type { Action, Commitment } from '../commitments/commitment.ts';
import { texts } from '../texts.ts';
import { Time } from '../ui/Time.tsx';
import { formatDistance, formatWord } from '../ui/format.ts';
import { calendarDays } from './due.ts';
import { keyOf, type Item } from './useOpen.ts';

/** What a dialog has to know of a row. */
export const commitmentOf = (item: Item): Commitment => ({
  customerId: item.customerId,
  customer: nameOf(item),
  sort: item.commitment,
  id: item.id,
  what: whatOf(item),
  status: item.status,
  bindingDue: item.bindingDue,
  overdue: item.overdue,
});

const nameOf = (item: Item): string => item.customer?.name ?? item.customer?.reference ?? texts.today.unknown;

function whatOf(item: Item): string {
  if (item.commitment === 'promise') return item.conditions ?? texts.commitments.conditionsGone;
  const purposes: Readonly<Record<string, string>> = texts.commitments.purposes;
  return purposes[item.kind] ?? formatWord(item.kind);
}

const inDays = new Intl.RelativeTimeFormat(navigator.language, { numeric: 'auto' });

/** How far a date is by the calendar, so that it agrees with the day that it stands under; hours on the same day. */
function formatDue(due: string): string {
  const now = new Date();
  const days = calendarDays(now, new Date(due));
  return days === 0 || Math.abs(days) > 30 ? formatDistance(due, now.getTime()) : inDays.format(days, 'day');
}

/** One open promise or follow-up, with what can be done with it in place. */
export function ItemRow({ item, act }: { item: Item; act: ((action: Action) => void) | null }) {
  const name = nameOf(item);
  const what = whatOf(item);
  const isPromise = item.commitment === 'promise';
  return (
    <article className="owed" data-item={keyOf(item)} tabIndex={-1} aria-label={`${name}: ${what}`}>
      <div className="owed-what">
        <div className="row">
          <Link className="owed-customer" href={`/customers/${item.customerId}`}>
            {name}
          </Link>
          <span className={`badge ${isPromise ? 'info' : ''}`}>
            {isPromise ? texts.commitments.promise : texts.commitments.followUp}
          </span>
          {item.status === 'renegotiating' && <span className="badge warn">{texts.today.waiting}</span>}
        </div>
        <p className="said">
          {isPromise ? (
            <Link href={`/customers/${item.customerId}/promises/${encodeURIComponent(item.id)}`}>{what}</Link>
          ) : (
            what
          )}
        </p>
        <p className="muted small">
          {isPromise && `${formatWord(item.kind)} · `}
          {`${texts.today.heldBy} ${item.member?.name ?? item.member?.reference ?? texts.today.unknown}, ${item.team}`}
        </p>
      </div>
      <div className="owed-due">
        <span className={item.overdue ? 'late' : ''}>{formatDue(item.bindingDue)}</span>
        <span className="muted small">
          <Time at={item.bindingDue} />
        </span>
        {item.renegotiations > 0 && (
          <span className="muted small">
            {texts.today.moved(item.renegotiations)}
            {`, ${texts.today.firstDue} `}
            <Time at={item.firstDue} as="day" />
          </span>
        )}
      </div>
      {act && <Actions it={commitmentOf(item)} act={act} />}
    </article>
  );
}
