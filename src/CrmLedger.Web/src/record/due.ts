const two = (n: number): string => String(n).padStart(2, '0');

/** A time as a field of dates and times holds it, in the reader's zone. */
export function toField(time: Date): string {
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** Tomorrow at 17:00 in the reader's zone. */
export const tomorrowEvening = (now: Date): string =>
  toField(new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 17));

/** The time that a field holds, in UTC; null where it holds none. */
export function fromField(text: string): string | null {
  const time = new Date(/^\d{4,}-\d\d-\d\dT\d\d:\d\d/.test(text) ? text : '');
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
