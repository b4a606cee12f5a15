import type { Shapes } from '../api/client.ts';

export type Told = Shapes['PromisePage'];

/** What a promise has come to: its class in the kept rate, and of some classes which reason it was. */
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

/** The class is the ledger's word; why it is late or broken, or how it stands before it counts, the promise tells. */
export function outcomeOf({ status, promise }: Told): Outcome {
  const counted = promise.class ?? 'not_yet_due';
  switch (counted) {
    case 'kept_late':
      if (promise.everDisputed) return 'kept_again';
      return promise.keptAt !== undefined && promise.keptAt > promise.bindingDue ? 'kept_late' : 'made_late';
    case 'broken':
      return status === 'withdrawn' || status === 'disputed' ? status : 'released_late';
    case 'not_yet_due':
      if (status === 'lapsed') return 'overdue'; // by a binding date that was moved forward
      return promise.bindingDue > promise.firstDue ? 'moved_by_agreement' : 'not_yet_due';
    default:
      return counted;
  }
}

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
