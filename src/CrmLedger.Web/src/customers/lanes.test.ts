import { expect, test } from 'vitest';
import { livesOf } from './commitments.ts';
import { byTime, latestOf, mergedInto, type Entry } from './entries.ts';
import { annulled, historyOf } from './history.example.ts';
import { marksOf, rowsOf, toneOfScore } from './lanes.ts';
import { sentenceOf, type Named } from './sentences.ts';
import { momentsToAsk } from './trustMoments.ts';

const day = (n: number): string => `2026-03-${String(n).padStart(2, '0')}T12:00:00.000000Z`;
const namedIn = (events: readonly Entry[]): Named => ({ member: () => 'Ruth', lives: livesOf(events) });
const marks = (events: readonly Entry[], milestones: Parameters<typeof marksOf>[1] = []) =>
  marksOf(events, milestones, namedIn(events), day(30));

const promised = (promiseId: string, from: number, due: number) =>
  [
    'promise_made',
    day(from),
    { promiseId, kind: 'quote', conditions: 'Sent.', dueAt: day(due), memberId: 'm' },
  ] as const;

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

test('a promise is a bar with both its dates, coloured by what became of it', () => {
  const [mark] = marks(historyOf(promised('a', 1, 5), ['promise_declared_kept', day(7), { promiseId: 'a' }]));
  expect(mark).toMatchObject({
    lane: 'promises',
    from: day(1),
    to: day(7),
    firstDue: day(5),
    bindingDue: day(5),
    tone: 'warn',
    result: 'kept late',
  });
});

test('promises at the same time stand in rows of their own, and a row is used again once it is free', () => {
  const kept = ['promise_declared_kept', day(6), { promiseId: 'a' }] as const;
  const rows = marks(historyOf(promised('a', 1, 5), promised('b', 2, 29), kept, promised('c', 10, 12)));
  expect(rows.map(({ row }) => row)).toEqual([0, 1, 0]);
  expect(rowsOf(rows)).toMatchObject({ promises: 2, feedback: 1 });
});

test('what was annulled is not in the picture', () => {
  expect(marks(historyOf(['purchase_recorded', day(1), { amountMinor: 100, currency: 'EUR' }, annulled]))).toEqual([]);
});

test('a milestone that came by time passing opens no entry', () => {
  expect(marks([], [{ kind: 'lapsed', at: day(3), text: 'Lapsed.' }])).toMatchObject([
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
  const events = historyOf(promised('a', 1, 5), ['promise_lapsed', day(5), { promiseId: 'a' }]);
  expect(sentenceOf(events[0]!, namedIn(events)).says).toMatch(/^Ruth made a promise \(quote\), due .*2026/);
  expect(sentenceOf(events[1]!, namedIn(events)).says).toBe(
    'The promise (quote) lapsed: its date passed and nothing was declared.',
  );
});

test('a type that these pages do not know is named by its words', () => {
  const [entry] = historyOf(['something_new_happened', day(1)]);
  expect(sentenceOf(entry!, namedIn([])).says).toBe('something new happened.');
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
