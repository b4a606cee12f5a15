import { describe, expect, it } from 'vitest';
import { marksOf, spanOf } from './marks.ts';
import { isMissed, outcomeOf, toneOf, type Told } from './outcome.ts';

const two = (number: number) => String(number).padStart(2, '0');
const day = (number: number, hour = 12) => `2026-03-${two(number)}T${two(hour)}:00:00.000000Z`;
type Event = Told['events'][number];

const event = (type: string, at: string, more: Partial<Event> = {}): Event => ({
  id: `${type} ${at}`,
  type,
  stream: 'customer-x',
  version: 1,
  position: 1,
  occurredAt: at,
  recordedAt: at,
  effectiveAt: at,
  actor: 'key:1',
  data: {},
  leafHash: '',
  ...more,
});

function told(
  status: Told['status'],
  promise: Partial<Told['promise']>,
  events: Event[] = [event('promise_made', day(1))],
): Told {
  return {
    customerId: 'x',
    asOf: day(9),
    position: 1,
    provisional: true,
    status,
    annulled: [],
    events,
    promise: {
      promiseId: 'p',
      kind: 'call',
      makerId: 'm',
      makerTeam: 't',
      holderId: 'm',
      holderTeam: 't',
      madeAt: day(1),
      firstDue: day(5),
      bindingDue: day(5),
      renegotiations: 0,
      confirmed: false,
      everDisputed: false,
      imported: false,
      recordedLate: false,
      ...promise,
    },
  } as Told;
}

const at = (number: number) => Date.parse(day(number));

describe('A promise’s outcome', () => {
  it.each([
    ['kept_first_date', told('kept', { class: 'kept_first_date', keptAt: day(5) })],
    ['kept_agreed_date', told('kept', { class: 'kept_agreed_date', keptAt: day(6), bindingDue: day(7) })],
    ['kept_late', told('kept', { class: 'kept_late', keptAt: day(8), bindingDue: day(7) })],
    ['kept_again', told('kept', { class: 'kept_late', keptAt: day(4), everDisputed: true })],
    ['made_late', told('kept', { class: 'kept_late', keptAt: day(5) })],
    ['withdrawn', told('withdrawn', { class: 'broken' })],
    ['disputed', told('disputed', { class: 'broken', keptAt: day(4) })],
    ['released', told('released', { class: 'released' })],
    ['released_late', told('released', { class: 'broken' })],
    ['overdue', told('lapsed', { class: 'overdue' })],
    ['moved_by_agreement', told('made', { class: 'moved_by_agreement', bindingDue: day(20) })],
    ['overdue', told('lapsed', { firstDue: day(20), bindingDue: day(5) })],
    ['moved_by_agreement', told('made', { firstDue: day(20), bindingDue: day(25) })],
    ['not_yet_due', told('made', { firstDue: day(20), bindingDue: day(20) })],
  ] as const)('is %s', (outcome, promise) => {
    expect(outcomeOf(promise)).toBe(outcome);
  });

  it('says what was missed, and looks like it', () => {
    expect(isMissed('kept_late')).toBe(true);
    expect(isMissed('kept_agreed_date')).toBe(false);
    expect(toneOf('kept_agreed_date')).toBe('good');
    expect(toneOf('overdue')).toBe('bad');
  });
});

describe('Marks on the line', () => {
  it('stand above one another where they would lie on one another', () => {
    const events = [
      event('promise_made', day(1)),
      event('promise_confirmed', day(1, 13)),
      event('promise_disputed', day(20)),
    ];
    const marks = marksOf(events, spanOf(events.map((e) => Date.parse(e.occurredAt))));
    expect(marks.map((mark) => mark.lane)).toEqual([0, 1, 0]);
    expect(marks.every((mark) => mark.x > 0 && mark.x < 1)).toBe(true);
  });

  it('lie inside also when all happened at once', () => {
    const { from, to } = spanOf([at(1)]);
    expect(to).toBeGreaterThan(from);
  });
});
