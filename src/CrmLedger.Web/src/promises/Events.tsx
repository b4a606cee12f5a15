import { Link } from 'wouter';
import { nameOfEvent, whoRecorded } from '../commitments/eventNames.ts';
import { texts } from '../texts.ts';
import { CsvButton } from '../ui/Table.tsx';
import { Time } from '../ui/Time.tsx';
import { formatMoment } from '../ui/format.ts';
import type { Told } from './outcome.ts';

type Event = Told['events'][number];

const columns = [
  { title: texts.promise.event, text: (event: Event) => event.type },
  { title: texts.promise.occurred, text: (event: Event) => event.occurredAt },
  { title: texts.promise.recorded, text: (event: Event) => event.recordedAt },
  { title: texts.promise.recordedBy, text: (event: Event) => event.actor },
  { title: texts.promise.position, text: (event: Event) => event.position, toRight: true },
  { title: texts.promise.annulledBecause, text: (event: Event) => event.annulled?.reason },
];

/** Every event of a promise with both its clocks; what was annulled stays, struck through. */
export function Events({ told, nameOf }: { told: Told; nameOf: (memberId: string) => string }) {
  return (
    <>
      <ol className="promise-events">
        {told.events.map((event) => (
          <li key={event.id} className={event.annulled ? 'is-annulled' : ''}>
            <div className="event-what">
              <Link className="event-name" href={`/events/${event.id}`}>
                {nameOfEvent(event.type)}
              </Link>
              {detailsOf(event, nameOf).map(([name, value]) => (
                <p key={name} className="said small">
                  <span className="muted">{`${name}: `}</span>
                  <span className="value">{value}</span>
                </p>
              ))}
              {event.annulled && (
                <p className="small annulment">
                  <span className="badge bad">{texts.promise.annulled}</span> <Time at={event.annulled.at} />
                  {`, ${texts.commitments.by(whoRecorded(event.annulled.by))}: `}
                  <span className="said">{event.annulled.reason}</span>
                </p>
              )}
            </div>
            <dl className="clocks small">
              <div>
                <dt>{texts.promise.occurred}</dt>
                <dd>
                  <Time at={event.occurredAt} />
                </dd>
              </div>
              <div>
                <dt>{texts.promise.recorded}</dt>
                <dd>
                  <Time at={event.recordedAt} />
                </dd>
              </div>
              <div>
                <dt>{texts.promise.recordedBy}</dt>
                <dd>{whoRecorded(event.actor)}</dd>
              </div>
            </dl>
          </li>
        ))}
      </ol>
      <div className="row apart">
        <span className="muted small">{texts.promise.openProof}</span>
        <CsvButton name={`promise-${told.promise.promiseId}`} columns={columns} rows={told.events} />
      </div>
    </>
  );
}

/** What an event says beside its name, in words. */
function detailsOf(event: Event, nameOf: (memberId: string) => string): readonly (readonly [string, string])[] {
  const data = event.data as Readonly<Record<string, unknown>>;
  const names = texts.promise.details;
  const causes: Readonly<Record<string, string>> = texts.commitments.causes;
  return Object.entries(names).flatMap(([field, name]) => {
    const value = data[field];
    if (typeof value !== 'string' || value === '') return [];
    if (field.endsWith('MemberId') || field === 'memberId') return [[name, nameOf(value)] as const];
    if (field.endsWith('DueAt') || field === 'dueAt') return [[name, formatMoment(value)] as const];
    return [[name, field === 'cause' ? (causes[value] ?? value) : value] as const];
  });
}
