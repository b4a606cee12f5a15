import { effectiveOf, textOf, type Entry } from './entries.ts';

/** What became of a promise, as its class in the kept rate says it (DESIGN section 5). */
export type Outcome = 'kept' | 'kept_by_agreed_date' | 'kept_late' | 'open' | 'past_due' | 'broken' | 'released';

export type PromiseLife = {
  readonly id: string;
  readonly kind: string;
  readonly conditions: string;
  readonly entryId: string;
  readonly madeAt: string;
  readonly firstDue: string;
  bindingDue: string;
  memberId: string;
  proposedDue: string | null;
  status: 'open' | 'kept' | 'disputed' | 'withdrawn' | 'released';
  everDisputed: boolean;
  keptAt: string | null;
  /** When it was kept, taken back or let off. */
  endedAt: string | null;
};

export type FollowUpLife = {
  readonly id: string;
  readonly purpose: string;
  readonly entryId: string;
  readonly madeAt: string;
  readonly firstDue: string;
  due: string;
  memberId: string;
  status: 'open' | 'completed' | 'cancelled';
  endedAt: string | null;
};

export type ConcernLife = {
  readonly id: string;
  readonly severity: string;
  readonly summary: string;
  readonly entryId: string;
  readonly respondBy: string | null;
  status: 'raised' | 'acknowledged' | 'resolved' | 'reopened';
  /** From each time it was raised until it was resolved; null while it is not. */
  spans: { readonly from: string; to: string | null }[];
};

export type SolutionLife = {
  readonly id: string;
  readonly summary: string;
  readonly at: string;
  readonly entryId: string;
  status: 'proposed' | 'accepted' | 'declined';
  reason: string;
};

export type Lives = {
  readonly promises: ReadonlyMap<string, PromiseLife>;
  readonly followUps: ReadonlyMap<string, FollowUpLife>;
  readonly concerns: ReadonlyMap<string, ConcernLife>;
  readonly solutions: ReadonlyMap<string, SolutionLife>;
};

/** What the history made of each promise, follow-up, concern and solution. What was annulled had no effect. */
export function livesOf(events: readonly Entry[]): Lives {
  const promises = new Map<string, PromiseLife>();
  const followUps = new Map<string, FollowUpLife>();
  const concerns = new Map<string, ConcernLife>();
  const solutions = new Map<string, SolutionLife>();
  for (const entry of events) {
    if (entry.annulled !== undefined) continue;
    if (entry.type.startsWith('promise_')) toPromise(promises, entry);
    else if (entry.type.startsWith('follow_up_')) toFollowUp(followUps, entry);
    else if (entry.type.startsWith('concern_')) toConcern(concerns, entry);
    else if (entry.type.startsWith('solution_')) toSolution(solutions, entry);
  }
  return { promises, followUps, concerns, solutions };
}

function toPromise(lives: Map<string, PromiseLife>, entry: Entry): void {
  const id = textOf(entry, 'promiseId');
  const life = lives.get(id);
  const at = effectiveOf(entry);
  if (entry.type === 'promise_made' && life === undefined) {
    const due = textOf(entry, 'dueAt');
    lives.set(id, {
      id,
      kind: textOf(entry, 'kind'),
      conditions: textOf(entry, 'conditions'),
      entryId: entry.id,
      madeAt: at,
      firstDue: due,
      bindingDue: due,
      memberId: textOf(entry, 'memberId'),
      proposedDue: null,
      status: 'open',
      everDisputed: false,
      keptAt: null,
      endedAt: null,
    });
  }
  if (life === undefined) return;
  const open = life.status === 'open';
  switch (entry.type) {
    case 'promise_reassigned':
      if (open) life.memberId = textOf(entry, 'toMemberId');
      break;
    case 'promise_renegotiation_proposed':
      if (open && at <= life.bindingDue) life.proposedDue = textOf(entry, 'newDueAt');
      break;
    case 'promise_renegotiation_accepted':
      if (open && life.proposedDue !== null && at <= life.bindingDue) {
        life.bindingDue = life.proposedDue;
        life.proposedDue = null;
      }
      break;
    case 'promise_renegotiation_refused':
      if (open) life.proposedDue = null;
      break;
    case 'promise_declared_kept':
      if (open || life.status === 'disputed') Object.assign(life, { status: 'kept', keptAt: at, endedAt: at });
      break;
    case 'promise_disputed':
      if (life.status === 'kept') Object.assign(life, { status: 'disputed', everDisputed: true });
      break;
    case 'promise_withdrawn':
    case 'promise_released':
      if (open) Object.assign(life, { status: entry.type.slice('promise_'.length), endedAt: at });
  }
}

/** The first that fits decides, as in the kept rate. */
export function outcomeOf(life: PromiseLife, now: string): Outcome {
  const { status, keptAt, bindingDue, firstDue, madeAt, everDisputed } = life;
  if (status === 'withdrawn' || status === 'disputed') return 'broken';
  if (status === 'released') return life.endedAt! <= bindingDue ? 'released' : 'broken';
  if (keptAt === null) return now > bindingDue ? 'past_due' : 'open';
  if (everDisputed || madeAt > firstDue || keptAt > bindingDue) return 'kept_late';
  return keptAt <= firstDue ? 'kept' : 'kept_by_agreed_date';
}

function toFollowUp(lives: Map<string, FollowUpLife>, entry: Entry): void {
  const id = textOf(entry, 'followUpId');
  const life = lives.get(id);
  const at = effectiveOf(entry);
  if (entry.type === 'follow_up_scheduled' && life === undefined) {
    const due = textOf(entry, 'dueAt');
    lives.set(id, {
      id,
      purpose: textOf(entry, 'purpose'),
      entryId: entry.id,
      madeAt: at,
      firstDue: due,
      due,
      memberId: textOf(entry, 'memberId'),
      status: 'open',
      endedAt: null,
    });
  }
  if (life?.status !== 'open') return;
  if (entry.type === 'follow_up_reassigned') life.memberId = textOf(entry, 'toMemberId');
  if (entry.type === 'follow_up_rescheduled' && entry.data['agreedWithCustomer'] === true && at <= life.due) {
    life.due = textOf(entry, 'newDueAt');
  }
  if (entry.type === 'follow_up_completed') Object.assign(life, { status: 'completed', endedAt: at });
  if (entry.type === 'follow_up_cancelled') Object.assign(life, { status: 'cancelled', endedAt: at });
}

function toConcern(lives: Map<string, ConcernLife>, entry: Entry): void {
  const id = textOf(entry, 'concernId');
  const life = lives.get(id);
  const at = effectiveOf(entry);
  if (entry.type === 'concern_raised' && life === undefined) {
    lives.set(id, {
      id,
      severity: textOf(entry, 'severity'),
      summary: textOf(entry, 'summary'),
      entryId: entry.id,
      respondBy: textOf(entry, 'respondBy') || null,
      status: 'raised',
      spans: [{ from: at, to: null }],
    });
  }
  if (life === undefined) return;
  if (entry.type === 'concern_acknowledged' && life.status !== 'resolved') life.status = 'acknowledged';
  if (entry.type === 'concern_resolved' && life.status !== 'resolved') {
    life.status = 'resolved';
    life.spans.at(-1)!.to = at;
  }
  if (entry.type === 'concern_reopened' && life.status === 'resolved') {
    life.status = 'reopened';
    life.spans.push({ from: at, to: null });
  }
}

function toSolution(lives: Map<string, SolutionLife>, entry: Entry): void {
  const id = textOf(entry, 'solutionId');
  const life = lives.get(id);
  if (entry.type === 'solution_proposed' && life === undefined) {
    lives.set(id, {
      id,
      summary: textOf(entry, 'summary'),
      at: effectiveOf(entry),
      entryId: entry.id,
      status: 'proposed',
      reason: '',
    });
  }
  if (life?.status !== 'proposed') return;
  if (entry.type === 'solution_accepted') life.status = 'accepted';
  if (entry.type === 'solution_declined') Object.assign(life, { status: 'declined', reason: textOf(entry, 'reason') });
}
