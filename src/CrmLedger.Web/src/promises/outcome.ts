import type { Shapes } from '../api/client.ts';

export type Told = Shapes['PromisePage'];
type Event = Shapes['ShownEvent'];

/** What a promise has come to, as the kept rate counts it, and why where there is more than one reason. */
export type Outcome =
  | 'kept_first_date'
  | 'kept_agreed_date'
  | 'kept_late'
  | 'kept_again'
  | 'made_late'
  | 'withdrawn'
  | 'disputed'
  | 'released'
  | 'released_late'
  | 'overdue'
  | 'moved_by_agreement'
  | 'not_yet_due';

const graceHours = 24;

/** From when an event counts: as it says when it was recorded within a day or came with an import. */
export function effectiveOf(event: Event): number {
  const [occurred, recorded] = [Date.parse(event.occurredAt), Date.parse(event.recordedAt)];
  return event.importId != null || recorded - occurred <= graceHours * 3_600_000 ? occurred : recorded;
}

/** The class of a promise at a time, by the rules of the kept rate: the first one that fits decides. */
export function outcomeOf({ status, promise, events }: Told, now: number): Outcome {
  const [first, binding] = [Date.parse(promise.firstDue), Date.parse(promise.bindingDue)];
  const valid = events.filter((event) => event.annulled == null);
  switch (status) {
    case 'withdrawn':
    case 'disputed':
      return status;
    case 'released': {
      const released = valid.findLast((event) => event.type === 'promise_released');
      return released && effectiveOf(released) > binding ? 'released_late' : 'released';
    }
    case 'kept': {
      const kept = Date.parse(promise.keptAt ?? '');
      const made = valid.find((event) => event.type === 'promise_made');
      if (promise.everDisputed) return 'kept_again';
      if (kept > binding) return 'kept_late';
      if (made && madeAfter(made, first)) return 'made_late';
      return kept <= first ? 'kept_first_date' : 'kept_agreed_date';
    }
    default:
      if (now > binding) return 'overdue';
      return binding > first ? 'moved_by_agreement' : 'not_yet_due';
  }
}

/** Recorded after its own first date, it was never kept in time; an import is believed. */
const madeAfter = (made: Event, first: number): boolean =>
  effectiveOf(made) > first || (made.importId == null && Date.parse(made.recordedAt) > first);

export const toneOf = (outcome: Outcome): 'good' | 'warn' | 'bad' | 'info' => {
  switch (outcome) {
    case 'kept_first_date':
    case 'kept_agreed_date':
      return 'good';
    case 'kept_late':
    case 'kept_again':
    case 'made_late':
    case 'moved_by_agreement':
      return 'warn';
    case 'released':
    case 'not_yet_due':
      return 'info';
    default:
      return 'bad';
  }
};

/** Whether there is a miss that somebody could explain. */
export const isMissed = (outcome: Outcome): boolean =>
  ['kept_late', 'kept_again', 'made_late', 'withdrawn', 'disputed', 'released_late', 'overdue'].includes(outcome);
