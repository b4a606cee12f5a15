/** The periods that leaders look at: whole days in UTC, as the ledger groups them; `to` is the day after the last. */
export const periodNames = ['30d', '90d', 'quarter', '12m', 'custom'] as const;
export type Period = { readonly from: string; readonly to: string };

const day = 86_400_000;
const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
const date = (time: number): string => new Date(time).toISOString().slice(0, 10);

export const isPeriod = (from: string, to: string): boolean => isDate(from) && isDate(to) && from < to;

/** The period of a name as seen from a day, UTC; a custom one that is none falls back to 90 days. */
export function periodOf(name: string, from: string, to: string, today: string): Period {
  const tomorrow = Date.parse(today) + day;
  if (name === 'custom' && isPeriod(from, to)) return { from, to };
  if (name === 'quarter') return { from: quarterStart(today), to: date(tomorrow) };
  if (name === '12m') return { from: date(Date.parse(today) - 364 * day), to: date(tomorrow) };
  return { from: date(Date.parse(today) - (name === '30d' ? 29 : 89) * day), to: date(tomorrow) };
}

function quarterStart(today: string): string {
  const month = Math.floor((Number(today.slice(5, 7)) - 1) / 3) * 3 + 1;
  return `${today.slice(0, 4)}-${String(month).padStart(2, '0')}-01`;
}

export const todayUtc = (): string => new Date().toISOString().slice(0, 10);
