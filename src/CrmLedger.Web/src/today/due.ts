const dayOf = (time: Date): number => Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) / 86_400_000;

/** How many days lie between by the reader's calendar: the next day is one away, however few hours it is. */
export const calendarDays = (from: Date, to: Date): number => dayOf(to) - dayOf(from);
