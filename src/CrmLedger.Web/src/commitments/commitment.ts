import type { Shapes } from '../api/client.ts';
import type { Member } from '../session/me.ts';

/** What is to be known of a promise or follow-up before something is done with it. */
export type Commitment = {
  readonly customerId: string;
  readonly customer: string;
  readonly sort: 'promise' | 'follow_up';
  readonly id: string;
  /** What was promised, or what the follow-up is for. */
  readonly what: string;
  readonly status: Shapes['PromiseStatus'];
  readonly bindingDue: string;
  readonly overdue: boolean;
  /** Whether there is a miss to explain, where more is known than a list tells. */
  readonly missed?: boolean;
};

/** What can be done with one. */
export type Action =
  | 'kept'
  | 'newDate'
  | 'agreed'
  | 'refused'
  | 'explain'
  | 'withdraw'
  | 'release'
  | 'complete'
  | 'reschedule'
  | 'cancel'
  | 'reassign';

/** What somebody fills in; an action takes of it what it needs. */
export type Draft = {
  readonly due: string;
  readonly reason: string;
  readonly agreed: boolean;
  readonly cause: Cause | '';
  readonly note: string;
  readonly to: Member | null;
  readonly at: string;
};

export type Cause = Shapes['ExplainMiss']['cause'];

export const emptyDraft: Draft = { due: '', reason: '', agreed: false, cause: '', note: '', to: null, at: '' };

const fields: Readonly<Record<Action, readonly (keyof Draft)[]>> = {
  kept: ['at'],
  newDate: ['due', 'reason', 'agreed'],
  agreed: ['at'],
  refused: ['at'],
  explain: ['cause', 'note'],
  withdraw: ['reason'],
  release: ['at'],
  complete: ['at'],
  reschedule: ['due', 'reason', 'agreed'],
  cancel: ['reason'],
  reassign: ['to', 'reason'],
};

export const fieldsOf = (action: Action): readonly (keyof Draft)[] => fields[action];

/** The actions that its state allows: those that are shown, and those behind "more". */
export function actionsOf(it: Commitment): { shown: readonly Action[]; more: readonly Action[] } {
  if (it.sort === 'follow_up') return { shown: ['complete', 'reschedule'], more: ['reassign', 'cancel'] };
  switch (it.status) {
    case 'disputed':
      return { shown: ['kept', 'explain'], more: [] };
    case 'withdrawn':
      return { shown: ['explain'], more: [] };
    case 'kept':
    case 'released':
      return { shown: it.missed ? ['explain'] : [], more: [] };
    default:
      // A date can be moved only before it passes; after it, what is left is to keep the promise and to say why.
      if (it.overdue) return { shown: ['kept', 'explain'], more: ['reassign', 'release', 'withdraw'] };
      return it.status === 'renegotiating'
        ? { shown: ['kept', 'agreed'], more: ['refused', 'newDate', 'reassign', 'release', 'withdraw'] }
        : { shown: ['kept', 'newDate'], more: ['reassign', 'release', 'withdraw'] };
  }
}

/** Whether it is no longer owed once that is done. */
export const ends = (action: Action): boolean => ['kept', 'withdraw', 'release', 'complete', 'cancel'].includes(action);

/** Why a draft cannot be sent yet, by field: the names of texts. */
export type Lack = 'due' | 'past' | 'reason' | 'cause' | 'to' | 'ahead';

export function lacksOf(action: Action, draft: Draft, now: number): Partial<Record<keyof Draft, Lack>> {
  const asked = fields[action];
  const lacks: Partial<Record<keyof Draft, Lack>> = {};
  if (asked.includes('due')) {
    const due = new Date(draft.due).getTime();
    if (Number.isNaN(due)) lacks.due = 'due';
    else if (due <= now) lacks.due = 'past';
  }
  if (asked.includes('reason') && draft.reason.trim() === '') lacks.reason = 'reason';
  if (asked.includes('cause') && draft.cause === '') lacks.cause = 'cause';
  if (asked.includes('to') && draft.to === null) lacks.to = 'to';
  if (asked.includes('at') && new Date(draft.at).getTime() > now) lacks.at = 'ahead';
  return lacks;
}

/** Which field the ledger's pointer means. */
export function fieldAt(pointer: string): keyof Draft | null {
  switch (pointer.replace(/^\//, '')) {
    case 'newDueAt':
      return 'due';
    case 'reason':
      return 'reason';
    case 'agreedWithCustomer':
      return 'agreed';
    case 'cause':
      return 'cause';
    case 'note':
      return 'note';
    case 'toMemberId':
      return 'to';
    case 'occurredAt':
      return 'at';
    default:
      return null;
  }
}
