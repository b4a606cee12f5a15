import type { Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { formatWord } from '../ui/format.ts';
import { outcomeOf, type Lives, type Outcome } from './commitments.ts';
import { effectiveOf, numberOf, textOf, type Entry } from './entries.ts';
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

const tonesOfOutcomes: Readonly<Record<Outcome, Tone>> = {
  kept: 'good',
  kept_by_agreed_date: 'info',
  kept_late: 'warn',
  open: 'muted',
  past_due: 'bad',
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

/**
 * Everything that the picture shows, from the history's entries that were not annulled, in the order of their lanes
 * and times. Pure: the same history at the same time gives the same marks.
 */
export function marksOf(
  events: readonly Entry[],
  milestones: readonly Shapes['ShownMilestone'][],
  named: Named,
  now: string,
): readonly Mark[] {
  const marks = [
    ...milestones.map(milestoneMark),
    ...pointsOf(events, named),
    ...promiseMarks(named.lives, now),
    ...followUpMarks(named.lives, now),
    ...concernMarks(named.lives),
  ];
  return lanes.flatMap((lane) =>
    inRows(
      marks.filter((mark) => mark.lane === lane),
      now,
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
      const { says, quote } = sentenceOf(entry, named);
      const what = quote === '' ? says : `${says} ${quote}`;
      const at = effectiveOf(entry);
      switch (entry.type) {
        case 'touchpoint_recorded': {
          const tone = textOf(entry, 'tone');
          return [point('touchpoints', at, toneOfTouchpoint(tone), what, formatWord(tone), entry.id)];
        }
        case 'feedback_received': {
          const [kind, score] = [textOf(entry, 'kind'), numberOf(entry, 'score')];
          return [point('feedback', at, toneOfScore(kind, score), what, score === null ? '' : String(score), entry.id)];
        }
        case 'purchase_recorded':
          return [point('purchases', at, 'info', what, '', entry.id)];
        case 'purchase_returned':
          return [point('purchases', at, 'warn', what, '', entry.id)];
        default:
          return [];
      }
    });
}

function promiseMarks(lives: Lives, now: string): readonly Mark[] {
  return [...lives.promises.values()].map((life) => {
    const outcome = outcomeOf(life, now);
    return {
      lane: 'promises',
      row: 0,
      from: life.madeAt,
      to: life.endedAt,
      firstDue: life.firstDue,
      bindingDue: life.bindingDue,
      tone: tonesOfOutcomes[outcome],
      what: `${formatWord(life.kind)}: ${life.conditions}`,
      result: texts.customers.outcomes[outcome],
      entryId: life.entryId,
    };
  });
}

function followUpMarks(lives: Lives, now: string): readonly Mark[] {
  return [...lives.followUps.values()].map((life) => {
    const state = life.status === 'open' && now > life.due ? 'past_due' : life.status;
    const done = life.endedAt !== null && life.endedAt <= life.due ? 'good' : 'warn';
    return {
      lane: 'followUps',
      row: 0,
      from: life.madeAt,
      to: life.endedAt,
      firstDue: life.firstDue,
      bindingDue: life.due,
      tone: state === 'past_due' ? 'bad' : state === 'completed' ? done : 'muted',
      what: formatWord(life.purpose),
      result: texts.customers.followUpStates[state],
      entryId: life.entryId,
    };
  });
}

function concernMarks(lives: Lives): readonly Mark[] {
  return [...lives.concerns.values()].flatMap((life) =>
    life.spans.map((span): Mark => ({
      lane: 'concerns',
      row: 0,
      from: span.from,
      to: span.to,
      firstDue: null,
      bindingDue: null,
      tone: span.to === null ? 'bad' : 'warn',
      what: `${formatWord(life.severity)}: ${life.summary}`,
      result: formatWord(span.to === null ? life.status : 'resolved'),
      entryId: life.entryId,
    })),
  );
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
