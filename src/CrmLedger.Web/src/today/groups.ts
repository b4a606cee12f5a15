/** The groups in which open commitments stand, in the order of their days. */
export const groups = ['overdue', 'today', 'tomorrow', 'week', 'later'] as const;

export type Group = (typeof groups)[number];

/** Which open commitments a group takes, as the API is asked for them. */
export type Bounds = { readonly overdue?: boolean; readonly dueFrom?: string; readonly dueTo?: string };

const startOfDay = (day: Date, later: number): Date =>
  new Date(day.getFullYear(), day.getMonth(), day.getDate() + later);

/**
 * The groups' bounds on a day, in the reader's zone; null for a group that has no day left, as "this week" on its
 * last one. What was due earlier today is overdue.
 * @param firstWeekday On which day the reader's week begins: 1 for Monday to 7 for Sunday.
 */
export function boundsOn(day: Date, firstWeekday: number): Record<Group, Bounds | null> {
  const [tomorrow, after] = [startOfDay(day, 1), startOfDay(day, 2)];
  const sinceFirst = (day.getDay() - (firstWeekday % 7) + 7) % 7;
  const weekEnd = startOfDay(day, 7 - sinceFirst);
  const later = weekEnd > after ? weekEnd : after;
  return {
    overdue: { overdue: true },
    today: { overdue: false, dueTo: tomorrow.toISOString() },
    tomorrow: { dueFrom: tomorrow.toISOString(), dueTo: after.toISOString() },
    week: weekEnd > after ? { dueFrom: after.toISOString(), dueTo: weekEnd.toISOString() } : null,
    later: { dueFrom: later.toISOString() },
  };
}

/** The groups' bounds up to a time, without what is overdue: null for a group that has nothing before it. */
export function boundsBefore(all: Record<Group, Bounds | null>, time: string): Record<Group, Bounds | null> {
  const cut = (bounds: Bounds | null): Bounds | null => {
    if (bounds === null || (bounds.dueFrom !== undefined && bounds.dueFrom >= time)) return null;
    return { ...bounds, dueTo: bounds.dueTo !== undefined && bounds.dueTo < time ? bounds.dueTo : time };
  };
  return {
    overdue: null,
    today: cut(all.today),
    tomorrow: cut(all.tomorrow),
    week: cut(all.week),
    later: cut(all.later),
  };
}

/** On which day the week begins where the reader lives; Monday where his browser does not tell. */
export function firstWeekdayOf(language: string): number {
  const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?: () => { firstDay: number } };
  return locale.getWeekInfo?.().firstDay ?? 1;
}
