import type { Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { formatWord } from '../ui/format.ts';
import { lastAbout, numberOf, textOf, type Entry, type History } from './entries.ts';
import { sentenceOf, type Named } from './sentences.ts';

export const lanes = [
  'milestones',
  'touchpoints',
  'promises',
  'followUps',
  'concerns',
  'feedback',
  'purchases',
] as const;

export type Lane = (typeof lanes)[number];
export type Tone = 'good' | 'info' | 'warn' | 'bad' | 'muted';

/** One thing on the timeline: a bar where it lasted, a point where it did not. */
export type Mark = {
  readonly lane: Lane;
  /** Which row of its lane; what overlaps stands in several. */
  row: number;
  readonly from: string;
  /** Until when the bar goes; null for a point, and for what has not ended. */
  readonly to: string | null;
  readonly firstDue: string | null;
  readonly bindingDue: string | null;
  readonly tone: Tone;
  readonly what: string;
  readonly result: string;
  /** The entry that tells of it, where there is one. */
  readonly entryId: string | null;
};

const tones: Readonly<Record<keyof typeof texts.customers.outcomes, Tone>> = {
  kept_first_date: 'good',
  kept_agreed_date: 'info',
  kept_late: 'warn',
  moved_by_agreement: 'muted',
  open: 'muted',
  overdue: 'bad',
  broken: 'bad',
  released: 'muted',
};

/** What a touchpoint felt like. */
export const toneOfTouchpoint = (tone: string): Tone =>
  tone.endsWith('negative') ? 'bad' : tone.endsWith('positive') ? 'good' : 'muted';

/** Satisfied, in between or not, by the bounds of each kind of score. */
export function toneOfScore(kind: string, score: number | null): Tone {
  if (score === null) return 'muted';
  const [good, middling] = kind === 'nps' ? [9, 7] : kind === 'ces' ? [5, 4] : [4, 3];
  return score >= good! ? 'good' : score >= middling! ? 'warn' : 'bad';
}

/** What the picture is made of. */
export type Pictured = Pick<History, 'events' | 'commitments' | 'asOf'>;

/**
 * Everything that the picture shows, in the order of its lanes and times; nothing that was annulled. Pure: the same
 * history gives the same marks.
 */
export function marksOf(
  history: Pictured,
  milestones: readonly Shapes['ShownMilestone'][],
  named: Named,
): readonly Mark[] {
  const marks = [
    ...milestones.map(milestoneMark),
    ...pointsOf(history.events, named),
    ...promiseMarks(history),
    ...followUpMarks(history),
    ...concernMarks(history),
  ];
  return lanes.flatMap((lane) =>
    inRows(
      marks.filter((mark) => mark.lane === lane),
      history.asOf,
    ),
  );
}

/** How many rows each lane takes; one at least, so that it is seen that there is nothing. */
export const rowsOf = (marks: readonly Mark[]): Readonly<Record<Lane, number>> =>
  Object.fromEntries(
    lanes.map((lane) => [
      lane,
      marks.reduce((most, mark) => (mark.lane === lane ? Math.max(most, mark.row + 1) : most), 1),
    ]),
  ) as Record<Lane, number>;

const point = (lane: Lane, at: string, tone: Tone, what: string, result: string, entryId: string | null): Mark => ({
  lane,
  row: 0,
  from: at,
  to: null,
  firstDue: null,
  bindingDue: null,
  tone,
  what,
  result,
  entryId,
});

const unwelcome = new Set(['at_risk', 'lapsed', 'became_detractor']);

const milestoneMark = (milestone: Shapes['ShownMilestone']): Mark =>
  point(
    'milestones',
    milestone.at,
    unwelcome.has(milestone.kind) ? 'bad' : 'good',
    milestone.text,
    formatWord(milestone.kind),
    milestone.eventId ?? null,
  );

function pointsOf(events: readonly Entry[], named: Named): readonly Mark[] {
  return events
    .filter((entry) => entry.annulled === undefined)
    .flatMap((entry) => {
      const mark = (lane: Lane, tone: Tone, result = '') => {
        const { says, quote } = sentenceOf(entry, named);
        return point(lane, entry.effectiveAt, tone, quote === '' ? says : `${says} ${quote}`, result, entry.id);
      };
      switch (entry.type) {
        case 'touchpoint_recorded': {
          const tone = textOf(entry, 'tone');
          return mark('touchpoints', toneOfTouchpoint(tone), formatWord(tone));
        }
        case 'feedback_received': {
          const [kind, score] = [textOf(entry, 'kind'), numberOf(entry, 'score')];
          return mark('feedback', toneOfScore(kind, score), score === null ? '' : String(score));
        }
        case 'purchase_recorded':
          return mark('purchases', 'info');
        case 'purchase_returned':
          return mark('purchases', 'warn');
        default:
          return [];
      }
    });
}

function promiseMarks({ events, commitments }: Pictured): readonly Mark[] {
  const made = lastAbout(events, 'promise_made', 'promiseId');
  const withdrawn = lastAbout(events, 'promise_withdrawn', 'promiseId');
  return commitments.promises.map(({ status, promise }) => {
    const outcome = promise.class ?? (status === 'lapsed' ? 'overdue' : 'open');
    return {
      lane: 'promises',
      row: 0,
      from: promise.madeAt,
      to: promise.keptAt ?? promise.releasedAt ?? withdrawn.get(promise.promiseId)?.effectiveAt ?? null,
      firstDue: promise.firstDue,
      bindingDue: promise.bindingDue,
      tone: tones[outcome],
      what: `${formatWord(promise.kind)}: ${promise.conditions ?? ''}`,
      result: texts.customers.outcomes[outcome],
      entryId: made.get(promise.promiseId)?.id ?? null,
    };
  });
}

function followUpMarks({ events, commitments }: Pictured): readonly Mark[] {
  const scheduled = lastAbout(events, 'follow_up_scheduled', 'followUpId');
  const cancelled = lastAbout(events, 'follow_up_cancelled', 'followUpId');
  return commitments.followUps.map((followUp) => ({
    lane: 'followUps',
    row: 0,
    from: followUp.madeAt,
    to: followUp.completedAt ?? cancelled.get(followUp.followUpId)?.effectiveAt ?? null,
    firstDue: followUp.firstDue,
    bindingDue: followUp.bindingDue,
    tone: toneOfFollowUp(followUp),
    what: formatWord(followUp.purpose),
    result: texts.customers.followUpStates[followUp.status],
    entryId: scheduled.get(followUp.followUpId)?.id ?? null,
  }));
}

function toneOfFollowUp({ status, class: which }: Shapes['ShownFollowUp']): Tone {
  if (status === 'missed') return 'bad';
  if (status !== 'completed') return 'muted';
  return which === 'kept_late' ? 'warn' : 'good';
}

function concernMarks({ events, commitments }: Pictured): readonly Mark[] {
  const raised = lastAbout(events, 'concern_raised', 'concernId');
  return commitments.concerns.flatMap((concern) => {
    const entry = raised.get(concern.concernId);
    return openSpansOf(concern).map(({ from, to }): Mark => ({
      lane: 'concerns',
      row: 0,
      from,
      to,
      firstDue: null,
      bindingDue: null,
      tone: to === null ? 'bad' : 'warn',
      what: `${formatWord(concern.severity)}: ${entry === undefined ? '' : textOf(entry, 'summary')}`,
      result: formatWord(to === null ? concern.status : 'resolved'),
      entryId: entry?.id ?? null,
    }));
  });
}

type Span = { readonly from: string; readonly to: string | null };

/** From each time that it was raised until it was put right; null while it is not. */
export function openSpansOf({ raisedAt, resolutions }: Shapes['ShownConcern']): readonly Span[] {
  const starts = [raisedAt, ...resolutions.flatMap(({ reopenedAt }) => reopenedAt ?? [])];
  return starts.map((from, index) => ({ from, to: resolutions[index]?.at ?? null }));
}

/** Until where a mark takes its row. */
export function endOf(mark: Mark, now: string): string {
  if (mark.lane === 'promises' || mark.lane === 'followUps') {
    const due = mark.bindingDue!;
    const end = mark.to ?? (now > due ? now : due);
    return end > due ? end : due;
  }
  return mark.to ?? (mark.lane === 'concerns' ? now : mark.from);
}

const mostRows = 10;

/** Gives each the first row that is free when it begins; of too many at once, the one that is free soonest. */
function inRows(marks: readonly Mark[], now: string): readonly Mark[] {
  const ends: string[] = [];
  const lasting = marks.some((mark) => mark.bindingDue !== null || mark.lane === 'concerns');
  return marks
    .toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
    .map((mark) => {
      if (!lasting) return mark;
      let row = ends.findIndex((end) => end < mark.from);
      if (row < 0) row = ends.length < mostRows ? ends.length : ends.indexOf(ends.toSorted()[0]!);
      ends[row] = endOf(mark, now);
      return { ...mark, row };
    });
}
