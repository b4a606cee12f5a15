/** Numbers and times for people to read, in the reader's language and zone. */
const language = globalThis.navigator?.language ?? 'en-GB'; // tests outside of a browser have no reader
const whole = new Intl.NumberFormat(language);
const percent = new Intl.NumberFormat(language, {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const points = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year: 'numeric' });
const moment = new Intl.DateTimeFormat(language, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });

export const formatCount = (count: number): string => whole.format(count);

/** A share between 0 and 1, or a dash where there is none. */
export function formatShare(share: number | null | undefined): string {
  return share == null ? '–' : percent.format(share);
}

/** A difference of two shares, in percentage points, with its sign. */
export function formatPoints(difference: number | null | undefined): string {
  if (difference == null) return '–';
  return `${difference > 0 ? '+' : difference < 0 ? '−' : '±'}${points.format(Math.abs(difference) * 100)}`;
}

export const formatScore = (score: number): string => points.format(score);
export const formatDay = (time: string): string => day.format(new Date(time));
export const formatMoment = (time: string): string => moment.format(new Date(time));

/** Time with its zone named, as it stands in the ledger. */
export const formatUtc = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;

/** How far a time is from another, in the largest unit that says something: "in 3 days", "2 hours ago". */
export function formatDistance(time: string, from: number): string {
  const seconds = (new Date(time).getTime() - from) / 1_000;
  const units = [
    ['year', 31_557_600],
    ['month', 2_629_800],
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const;
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(0, 'minute');
}

/** A length of time in its two largest units, such as "7 d 16 h". */
export function formatDuration(seconds: number): string {
  const parts = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
  ] as const;
  const first = parts.findIndex(([, length]) => seconds >= length);
  if (first < 0) return `${Math.round(seconds)} s`;
  const [unit, length] = parts[first]!;
  const next = parts[first + 1];
  const rest = next === undefined ? 0 : Math.floor((seconds % length) / next[1]);
  return `${Math.floor(seconds / length)} ${unit}${rest > 0 ? ` ${rest} ${next![0]}` : ''}`;
}

/** A stored word for people: `kept_first_date` → "kept first date". */
export const formatWord = (word: string): string => word.replaceAll('_', ' ');

/** A field's stored name for people: `firstDue` → "first due". */
export const formatField = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();

/** An amount in the currency's own digits; amounts are stored in its smallest unit. */
export function formatMoney(amountMinor: number, currency: string): string {
  try {
    const format = new Intl.NumberFormat(language, { style: 'currency', currency });
    return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  } catch {
    return `${whole.format(amountMinor)} ${currency}`; // letters that are no currency
  }
}

/** How much data: "3.2 MB". */
export function formatSize(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1_000)));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[step]!,
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(bytes / 1_000 ** step);
}
