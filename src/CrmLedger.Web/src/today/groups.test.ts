import { describe, expect, it } from 'vitest';
import { boundsOn, firstWeekdayOf } from './groups.ts';

const local = (text: string) => new Date(text).toISOString();

describe('The groups of open commitments', () => {
  it('lie side by side without a gap in the middle of a week', () => {
    const wednesday = boundsOn(new Date('2026-11-25T14:30'), 1);
    expect(wednesday).toEqual({
      overdue: { overdue: true },
      today: { overdue: false, dueTo: local('2026-11-26T00:00') },
      tomorrow: { dueFrom: local('2026-11-26T00:00'), dueTo: local('2026-11-27T00:00') },
      week: { dueFrom: local('2026-11-27T00:00'), dueTo: local('2026-11-30T00:00') },
      later: { dueFrom: local('2026-11-30T00:00') },
    });
  });

  it('have nothing left of the week on its last two days, and later begins after tomorrow', () => {
    for (const day of ['2026-11-28T09:00', '2026-11-29T09:00']) {
      const { week, tomorrow, later } = boundsOn(new Date(day), 1);
      expect(week).toBeNull();
      expect(later?.dueFrom).toBe(tomorrow?.dueTo);
    }
  });

  it('begin the week on the reader’s first day', () => {
    expect(boundsOn(new Date('2026-11-27T09:00'), 7).week).toBeNull(); // a Friday; the week ends with Saturday
    expect(boundsOn(new Date('2026-11-29T09:00'), 7).week?.dueTo).toBe(local('2026-12-06T00:00'));
    expect(firstWeekdayOf('en-GB')).toBe(1);
  });
});
