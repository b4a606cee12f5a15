import { texts } from '../texts.ts';
import { formatMoment, formatMoney, formatWord } from '../ui/format.ts';
import { numberOf, textOf, textsOf, type Entry, type History } from './entries.ts';

/** What happened, in one plain sentence, and what was said or written, word for word. */
export type Sentence = { readonly says: string; readonly quote: string; readonly notes: readonly string[] };

/** Who and what the entries of a history name by id. */
export type Named = {
  readonly member: (id: string) => string;
  readonly promise: (id: string) => string;
  readonly followUp: (id: string) => string;
};

const said = texts.customers.says;

/** Members by name, promises by kind and follow-ups by purpose; one that was annulled by its id. */
export function namedIn({ members, commitments }: Pick<History, 'members' | 'commitments'>): Named {
  const kinds = new Map(commitments.promises.map(({ promise }) => [promise.promiseId, promise.kind]));
  const purposes = new Map(commitments.followUps.map(({ followUpId, purpose }) => [followUpId, purpose]));
  return {
    member: (id) => members[id]?.name ?? said.somebody,
    promise: (id) => said.thePromise(formatWord(kinds.get(id) ?? id)),
    followUp: (id) => said.theFollowUp(formatWord(purposes.get(id) ?? id)),
  };
}

const words = (list: readonly string[]): string => list.map(formatWord).join(', ');

const say = (says: string, quote = '', notes: readonly string[] = []): Sentence => ({
  says,
  quote,
  notes: notes.filter((note) => note !== ''),
});

/** An entry as a person would tell it. One of a type that this page does not know yet is named by its type. */
export function sentenceOf(entry: Entry, named: Named): Sentence {
  const tell = tellings[entry.type];
  return tell === undefined ? say(`${formatWord(entry.type)}.`) : tell(entry, named);
}

const who = (entry: Entry, { member }: Named, field = 'memberId'): string => member(textOf(entry, field));
const when = (entry: Entry, field: string): string => formatMoment(textOf(entry, field));
const promise = (entry: Entry, named: Named): string => named.promise(textOf(entry, 'promiseId'));
const followUp = (entry: Entry, named: Named): string => named.followUp(textOf(entry, 'followUpId'));

function touchpoint(entry: Entry, named: Named): Sentence {
  const channel = textOf(entry, 'channel') as keyof typeof texts.customers.channels;
  const by = texts.customers.channels[channel] ?? texts.customers.channels.other;
  const tell = textOf(entry, 'direction') === 'inbound' ? said.inbound : said.outbound;
  const seconds = numberOf(entry, 'durationSeconds');
  return say(tell(who(entry, named), by), textOf(entry, 'summary'), [
    textOf(entry, 'tone') && said.tone(formatWord(textOf(entry, 'tone'))),
    seconds === null ? '' : said.minutes(Math.max(1, Math.round(seconds / 60))),
    words(textsOf(entry, 'practices')),
  ]);
}

function feedback(entry: Entry): Sentence {
  const score = numberOf(entry, 'score');
  const kind = textOf(entry, 'kind');
  return say(
    score === null ? said.commented : said.scored(kind.toUpperCase(), score, scaleOf(kind)),
    textOf(entry, 'comment'),
    [words(textsOf(entry, 'topics'))],
  );
}

/** The highest score that may be given. */
export const scaleOf = (kind: string): number => (kind === 'nps' ? 10 : kind === 'ces' ? 7 : 5);

const amount = (entry: Entry): string => formatMoney(numberOf(entry, 'amountMinor') ?? 0, textOf(entry, 'currency'));

const tellings: Readonly<Record<string, (entry: Entry, named: Named) => Sentence>> = {
  touchpoint_recorded: touchpoint,
  promise_made: (e, n) =>
    say(said.promised(who(e, n), formatWord(textOf(e, 'kind')), when(e, 'dueAt')), textOf(e, 'conditions')),
  promise_reassigned: (e, n) =>
    say(said.handedOver(promise(e, n), who(e, n, 'fromMemberId'), who(e, n, 'toMemberId')), textOf(e, 'reason')),
  promise_renegotiation_proposed: (e, n) =>
    say(said.proposedDate(promise(e, n), when(e, 'newDueAt')), textOf(e, 'reason')),
  promise_renegotiation_accepted: (e, n) => say(said.acceptedDate(promise(e, n))),
  promise_renegotiation_refused: (e, n) => say(said.refusedDate(promise(e, n))),
  promise_declared_kept: (e, n) => say(said.kept(promise(e, n))),
  promise_confirmed: (e, n) => say(said.confirmed(promise(e, n))),
  promise_disputed: (e, n) => say(said.disputed(promise(e, n)), textOf(e, 'note')),
  promise_withdrawn: (e, n) => say(said.withdrawn(promise(e, n)), textOf(e, 'reason')),
  promise_released: (e, n) => say(said.released(promise(e, n))),
  promise_lapsed: (e, n) => say(said.lapsed(promise(e, n))),
  promise_miss_explained: (e, n) =>
    say(said.explained(promise(e, n), formatWord(textOf(e, 'cause'))), textOf(e, 'note')),
  follow_up_scheduled: (e, n) => say(said.scheduled(who(e, n), formatWord(textOf(e, 'purpose')), when(e, 'dueAt'))),
  follow_up_reassigned: (e, n) =>
    say(said.handedOver(followUp(e, n), who(e, n, 'fromMemberId'), who(e, n, 'toMemberId')), textOf(e, 'reason')),
  follow_up_rescheduled: (e, n) =>
    say(
      said.rescheduled(followUp(e, n), when(e, 'newDueAt'), e.data['agreedWithCustomer'] === true),
      textOf(e, 'reason'),
    ),
  follow_up_completed: (e, n) => say(said.completed(followUp(e, n))),
  follow_up_cancelled: (e, n) => say(said.cancelled(followUp(e, n)), textOf(e, 'reason')),
  follow_up_missed: (e, n) => say(said.missed(followUp(e, n))),
  concern_raised: (e) =>
    say(said.raised(formatWord(textOf(e, 'severity'))), textOf(e, 'summary'), [
      words(textsOf(e, 'topics')),
      textOf(e, 'respondBy') && said.respondBy(when(e, 'respondBy')),
    ]),
  concern_acknowledged: (e, n) => say(said.acknowledged(who(e, n))),
  concern_resolved: (e, n) => say(said.resolved(who(e, n)), textOf(e, 'summary')),
  concern_reopened: (e) => say(said.reopened, textOf(e, 'summary')),
  concern_unanswered: () => say(said.unanswered),
  feedback_requested: (e) => say(said.asked(textOf(e, 'kind').toUpperCase())),
  feedback_received: feedback,
  feedback_acted_upon: (e) => say(said.actedUpon, textOf(e, 'action')),
  feedback_outcome_told: () => say(said.outcomeTold),
  feedback_unanswered: () => say(said.feedbackUnanswered),
  preference_recorded: (e) =>
    say(said.preference(formatWord(textOf(e, 'key')), textOf(e, 'source') === 'stated'), textOf(e, 'value')),
  solution_proposed: (e) => say(said.solution, textOf(e, 'summary'), [words(textsOf(e, 'preferenceKeys'))]),
  solution_accepted: () => say(said.solutionAccepted),
  solution_declined: (e) => say(said.solutionDeclined, textOf(e, 'reason')),
  purchase_recorded: (e) => say(said.bought(amount(e))),
  purchase_returned: () => say(said.returned),
  customer_registered: (e) => say(said.registered, '', [formatWord(textOf(e, 'segment'))]),
  customer_details_corrected: (e) => say(said.corrected, textOf(e, 'name'), [formatWord(textOf(e, 'segment'))]),
  customer_erased: (e) => say(said.erased, textOf(e, 'basis')),
  customer_merged_into: (e) => say(said.merged, textOf(e, 'reason')),
  customer_unmerged: (e) => say(said.unmerged, textOf(e, 'reason')),
  consent_recorded: (e) => say(said.consent(formatWord(textOf(e, 'purpose')), e.data['given'] === true)),
  relationship_ended: (e) => say(said.ended(formatWord(textOf(e, 'reason')))),
  relationship_renewed: () => say(said.renewed),
  entry_annulled: (e) => say(said.annulled, textOf(e, 'reason')),
};
