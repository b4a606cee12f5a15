import { Link } from 'wouter';
import { formatMoment, formatWord } from '../ui/format.ts';
import type { Shown } from './moments.ts';

/** Events that did something, each leading to its proof. */
export function EventLinks({ events }: { events: readonly Shown[] }) {
  return (
    <ul className="event-links">
      {events.map((event) => (
        <li key={event.id}>
          <Link href={`/events/${event.id}`} title={formatMoment(event.occurredAt)}>
            {formatWord(event.type)}
          </Link>
        </li>
      ))}
    </ul>
  );
}
