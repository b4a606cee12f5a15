const two = (value: number): string => String(value).padStart(2, '0');

/** A time as a control of the type `datetime-local` has it: in the reader's zone, to the minute. */
export function toLocal(time: Date): string {
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** Some days from now, at the hour that was chosen before, or else at the end of a working day. */
export function inDays(now: Date, days: number, before: string): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  const hour = /T\d\d:\d\d/.exec(before)?.[0] ?? 'T17:00';
  return toLocal(day).slice(0, 10) + hour;
}
