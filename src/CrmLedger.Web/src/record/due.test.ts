import { expect, test } from 'vitest';
import { fromField, toField, tomorrowEvening } from './due.ts';

test('a promise is due tomorrow at 17:00, over the end of a month and of a year', () => {
  expect(tomorrowEvening(new Date(2026, 10, 30, 23, 59))).toBe('2026-12-01T17:00');
  expect(tomorrowEvening(new Date(2026, 11, 31, 0, 0))).toBe('2027-01-01T17:00');
});

test("what a field holds is the reader's own time, and goes to the ledger in UTC", () => {
  const time = new Date(2026, 6, 1, 9, 30);
  expect(fromField(toField(time))).toBe(time.toISOString());
});

test('an empty field and one that is half filled in hold no time', () => {
  expect(fromField('')).toBeNull();
  expect(fromField('2026-07-')).toBeNull();
});
