import { useAddress } from '../ui/address.ts';
import { periodOf, todayUtc, type Period } from './period.ts';

/** What a leader asks about; it lives in the address. */
export type Asked = {
  readonly period: string;
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly over: string;
};

const defaults = { period: '90d', from: '', to: '', by: 'team', over: 'week' };

/** The address's filters, the days that they stand for, and how to change them. */
export function useAsked(): { asked: Asked; days: Period; ask: (changes: Partial<Asked>) => void } {
  const [asked, ask] = useAddress(defaults);
  return { asked, days: periodOf(asked.period, asked.from, asked.to, todayUtc()), ask };
}

/** Where the promises behind a number are listed. */
export function behind(asked: Pick<Asked, 'by'>, days: Period, only: { class?: string; key?: string }): string {
  const query = new URLSearchParams({ from: days.from, to: days.to });
  if (only.class) query.set('class', only.class);
  if (only.key !== undefined) {
    query.set('by', asked.by);
    query.set('key', only.key);
  }
  return `/promises/behind?${query.toString()}`;
}
