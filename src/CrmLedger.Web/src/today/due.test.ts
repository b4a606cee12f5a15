import { describe, expect, it } from 'vitest';
import { calendarDays } from './due.ts';

describe('Days until a due date', () => {
  it.each([
    ['2026-11-28T23:30', '2026-11-29T00:30', 1],
    ['2026-11-28T22:00', '2026-11-30T18:00', 2],
    ['2026-11-28T00:30', '2026-11-27T23:59', -1],
    ['2026-11-28T09:00', '2026-11-28T17:30', 0],
    ['2026-10-24T12:00', '2026-10-26T11:00', 2],
  ])('are counted by the calendar from %s to %s', (from, to, days) => {
    expect(calendarDays(new Date(from), new Date(to))).toBe(days);
  });
});
