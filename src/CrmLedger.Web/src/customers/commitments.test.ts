import { expect, test } from 'vitest';
import { livesOf, outcomeOf } from './commitments.ts';
import { annulled, historyOf, type Told } from './history.example.ts';

const day = (n: number, hour = 12): string => `2026-03-${String(n).padStart(2, '0')}T${hour}:00:00.000000Z`;
const id = { promiseId: 'p' };
const made = [
  'promise_made',
  day(1),
  { ...id, kind: 'quote', conditions: 'It is there.', dueAt: day(10), memberId: 'm' },
] as const;

const outcomeAt = (now: string, ...told: Told[]) =>
  outcomeOf(livesOf(historyOf(made, ...told)).promises.get('p')!, now);

test('a promise is open until its binding date has passed, and past due from then on', () => {
  expect(outcomeAt(day(10))).toBe('open');
  expect(outcomeAt(day(11))).toBe('past_due');
});

test('kept by the first date, by an agreed date and late are three things', () => {
  const proposed = ['promise_renegotiation_proposed', day(8), { ...id, newDueAt: day(20) }] as const;
  const accepted = ['promise_renegotiation_accepted', day(9), id] as const;
  expect(outcomeAt(day(30), ['promise_declared_kept', day(10), id])).toBe('kept');
  expect(outcomeAt(day(30), proposed, accepted, ['promise_declared_kept', day(20), id])).toBe('kept_by_agreed_date');
  expect(outcomeAt(day(30), proposed, accepted, ['promise_declared_kept', day(21), id])).toBe('kept_late');
});

test('a new date binds only if it was accepted before the old one passed', () => {
  const lives = livesOf(
    historyOf(
      made,
      ['promise_renegotiation_proposed', day(8), { ...id, newDueAt: day(20) }],
      ['promise_renegotiation_accepted', day(11), id],
    ),
  );
  expect(lives.promises.get('p')).toMatchObject({ firstDue: day(10), bindingDue: day(10) });
});

test('who declares late, more than a day after it happened, is not taken at his word, unless it was imported', () => {
  const late = { recordedAt: day(12) };
  expect(outcomeAt(day(30), ['promise_declared_kept', day(9), id, late])).toBe('kept_late');
  expect(outcomeAt(day(30), ['promise_declared_kept', day(9), id, { ...late, importId: 'i' }])).toBe('kept');
});

test('a dispute breaks a promise, and keeping it again is late', () => {
  const kept = ['promise_declared_kept', day(5), id] as const;
  const disputed = ['promise_disputed', day(6), id] as const;
  expect(outcomeAt(day(7), kept, disputed)).toBe('broken');
  expect(outcomeAt(day(30), kept, disputed, ['promise_declared_kept', day(7), id])).toBe('kept_late');
});

test('the customer lets us off before the date, and after it that is broken; taking it back is broken', () => {
  expect(outcomeAt(day(30), ['promise_released', day(9), id])).toBe('released');
  expect(outcomeAt(day(30), ['promise_released', day(11), id])).toBe('broken');
  expect(outcomeAt(day(30), ['promise_withdrawn', day(2), id])).toBe('broken');
});

test('what was annulled had no effect', () => {
  expect(outcomeAt(day(30), ['promise_declared_kept', day(5), id, annulled])).toBe('past_due');
});

test('a concern that is raised again stands open again, from then on', () => {
  const concern = { concernId: 'c' };
  const lives = livesOf(
    historyOf(
      ['concern_raised', day(1), { ...concern, severity: 'high' }],
      ['concern_resolved', day(3), concern],
      ['concern_reopened', day(5), concern],
    ),
  );
  expect(lives.concerns.get('c')).toMatchObject({
    status: 'reopened',
    spans: [
      { from: day(1), to: day(3) },
      { from: day(5), to: null },
    ],
  });
});

test('a follow-up moves only where the customer agreed', () => {
  const followUp = { followUpId: 'f' };
  const move = (agreedWithCustomer: boolean) =>
    livesOf(
      historyOf(
        ['follow_up_scheduled', day(1), { ...followUp, dueAt: day(5), purpose: 'reassure', memberId: 'm' }],
        ['follow_up_rescheduled', day(2), { ...followUp, newDueAt: day(9), agreedWithCustomer }],
      ),
    ).followUps.get('f')!.due;
  expect(move(true)).toBe(day(9));
  expect(move(false)).toBe(day(5));
});
