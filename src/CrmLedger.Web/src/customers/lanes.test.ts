import { expect, test } from 'vitest';
import { byTime, latestOf, mergedInto, type Commitments, type Entry } from './entries.ts';
import { annulled, becameOf, historyOf, promiseThat } from './history.example.ts';
import { marksOf, rowsOf, toneOfScore } from './lanes.ts';
import { namedIn, sentenceOf } from './sentences.ts';
import { momentsToAsk } from './trustMoments.ts';

const day = (n: number): string => `2026-03-${String(n).padStart(2, '0')}T12:00:00.000000Z`;
const named = (commitments: Commitments) => ({ ...namedIn({ members: {}, commitments }), member: () => 'Ruth' });
const marks = (events: readonly Entry[], commitments = becameOf(), milestones: Parameters<typeof marksOf>[1] = []) =>
  marksOf({ events, commitments, asOf: day(30) }, milestones, named(commitments));

test('a touchpoint stands in its lane with how it felt', () => {
  const [mark] = marks(
    historyOf([
      'touchpoint_recorded',
      day(1),
      { channel: 'phone', direction: 'inbound', memberId: 'm', summary: 'Angry.', tone: 'very_negative' },
    ]),
  );
  expect(mark).toMatchObject({
    lane: 'touchpoints',
    tone: 'bad',
    what: 'The customer reached Ruth by telephone. Angry.',
    entryId: 'event-1',
  });
});

test('a promise is a bar with both its dates, coloured by its class and opening its entry', () => {
  const made = historyOf(['promise_made', day(1), { promiseId: 'a' }]);
  const late = promiseThat({
    promiseId: 'a',
    madeAt: day(1),
    firstDue: day(5),
    bindingDue: day(6),
    keptAt: day(7),
    class: 'kept_late',
  });
  expect(marks(made, becameOf({ promises: [late] }))).toMatchObject([
    {
      lane: 'promises',
      from: day(1),
      to: day(7),
      firstDue: day(5),
      bindingDue: day(6),
      tone: 'warn',
      what: 'quote: Sent.',
      result: 'kept late',
      entryId: 'event-1',
    },
  ]);
});

test('a promise that was taken back ends when it was, and an open one does not end', () => {
  const events = historyOf(['promise_withdrawn', day(3), { promiseId: 'a' }]);
  const two = { madeAt: day(1), firstDue: day(5) };
  const promises = [
    promiseThat({ ...two, promiseId: 'a', class: 'broken' }),
    promiseThat({ ...two, promiseId: 'b', class: 'overdue' }),
  ];
  expect(marks(events, becameOf({ promises }))).toMatchObject([
    { to: day(3), tone: 'bad', result: 'broken' },
    { to: null, tone: 'bad', result: 'past due' },
  ]);
});

test('promises at the same time stand in rows of their own, and a row is used again once it is free', () => {
  const promise = (promiseId: string, from: number, due: number, keptAt?: string) =>
    promiseThat({ promiseId, madeAt: day(from), firstDue: day(due), ...(keptAt && { keptAt }) });
  const promises = [promise('a', 1, 5, day(6)), promise('b', 2, 29), promise('c', 10, 12)];
  const rows = marks([], becameOf({ promises }));
  expect(rows.map(({ row }) => row)).toEqual([0, 1, 0]);
  expect(rowsOf(rows)).toMatchObject({ promises: 2, feedback: 1 });
});

test('a concern that is raised again is another bar, open from then on', () => {
  const concern = {
    concernId: 'c',
    severity: 'high',
    topics: [],
    raisedAt: day(1),
    respondBy: day(6),
    status: 'reopened',
    resolutions: [{ at: day(3), reopenedAt: day(5) }],
  } as const;
  const raised = historyOf(['concern_raised', day(1), { concernId: 'c', summary: 'No answer.' }]);
  expect(
    marks(raised, becameOf({ concerns: [{ ...concern, topics: [], resolutions: [...concern.resolutions] }] })),
  ).toMatchObject([
    { from: day(1), to: day(3), tone: 'warn', what: 'high: No answer.', result: 'resolved' },
    { from: day(5), to: null, tone: 'bad', result: 'reopened' },
  ]);
});

test('a follow-up stands by its binding date, and one that was made late looks like it', () => {
  const held = { makerId: 'm', makerTeam: 't', holderId: 'm', holderTeam: 't', renegotiations: 0 };
  const followUp = {
    ...held,
    followUpId: 'f',
    purpose: 'reassure',
    madeAt: day(1),
    firstDue: day(5),
    bindingDue: day(9),
    imported: false,
    recordedLate: false,
  } as const;
  const tones = [
    { ...followUp, status: 'completed', class: 'kept_agreed_date', completedAt: day(8) } as const,
    { ...followUp, status: 'completed', class: 'kept_late', completedAt: day(10) } as const,
    { ...followUp, status: 'missed', class: 'overdue' } as const,
    { ...followUp, status: 'scheduled' } as const,
  ].map((one) => marks([], becameOf({ followUps: [one] }))[0]);
  expect(tones.map((mark) => mark?.tone)).toEqual(['good', 'warn', 'bad', 'muted']);
  expect(tones[0]).toMatchObject({ firstDue: day(5), bindingDue: day(9), to: day(8), result: 'done' });
});

test('what was annulled is not in the picture', () => {
  expect(marks(historyOf(['purchase_recorded', day(1), { amountMinor: 100, currency: 'EUR' }, annulled]))).toEqual([]);
});

test('a milestone that came by time passing opens no entry', () => {
  expect(marks([], becameOf(), [{ kind: 'lapsed', at: day(3), text: 'Lapsed.' }])).toMatchObject([
    { lane: 'milestones', tone: 'bad', entryId: null },
  ]);
});

test('each kind of score is judged on its own scale', () => {
  expect([
    toneOfScore('csat', 4),
    toneOfScore('csat', 2),
    toneOfScore('nps', 9),
    toneOfScore('nps', 6),
    toneOfScore('ces', 5),
    toneOfScore('comment', null),
  ]).toEqual(['good', 'bad', 'good', 'bad', 'good', 'muted']);
});

test('an entry is told in a sentence that names its promise and who holds it', () => {
  const names = named(becameOf({ promises: [promiseThat({ promiseId: 'a', madeAt: day(1), firstDue: day(5) })] }));
  const [made, lapsed, other] = historyOf(
    ['promise_made', day(1), { promiseId: 'a', kind: 'quote', dueAt: day(5), memberId: 'm' }],
    ['promise_lapsed', day(5), { promiseId: 'a' }],
    ['promise_lapsed', day(5), { promiseId: 'annulled-one' }],
  );
  expect(sentenceOf(made!, names).says).toMatch(/^Ruth made a promise \(quote\), due .*2026/);
  expect(sentenceOf(lapsed!, names).says).toBe('The promise (quote) lapsed: its date passed and nothing was declared.');
  expect(sentenceOf(other!, names).says).toContain('annulled-one');
});

test('a type that these pages do not know is named by its words', () => {
  const [entry] = historyOf(['something_new_happened', day(1)]);
  expect(sentenceOf(entry!, named(becameOf())).says).toBe('something new happened.');
});

test('the last word on a preference counts, and an annulled word does not', () => {
  const said = (value: string, more = {}) => ['preference_recorded', day(1), { key: 'colour', value }, more] as const;
  const latest = latestOf(historyOf(said('red'), said('blue'), said('green', annulled)), 'preference_recorded', 'key');
  expect(latest.map(({ data }) => data['value'])).toEqual(['blue']);
});

test('a merge that was undone stands no more', () => {
  const merged = ['customer_merged_into', day(1), { customerId: 'other', reason: 'Same address.' }] as const;
  expect(mergedInto(historyOf(merged))).toEqual({ customerId: 'other', reason: 'Same address.' });
  expect(mergedInto(historyOf(merged, ['customer_unmerged', day(2), { reason: 'Not the same.' }]))).toBeNull();
});

test('the list begins with what happened last, also when that was recorded earlier', () => {
  const events = historyOf(['touchpoint_recorded', day(9)], ['promise_lapsed', day(2), {}, { recordedAt: day(10) }]);
  expect(byTime(events).map(({ id }) => id)).toEqual(['event-1', 'event-2']);
});

test('trust is asked for at each evidence and a blink before, in order, and of much of it at two dozen times', () => {
  expect(momentsToAsk([day(5), day(2), day(5)], day(9))).toEqual([
    '2026-03-02T11:59:59.000Z',
    '2026-03-02T12:00:00.000Z',
    '2026-03-05T11:59:59.000Z',
    '2026-03-05T12:00:00.000Z',
  ]);
  const much = Array.from({ length: 500 }, (_, i) => new Date(Date.UTC(2026, 0, 1, i)).toISOString());
  expect(momentsToAsk(much, day(30))).toHaveLength(24);
  expect(momentsToAsk([], day(9))).toEqual([]);
});
