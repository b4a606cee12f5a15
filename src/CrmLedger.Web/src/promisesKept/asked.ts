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

/** What an answer says that it is of: its days, as whole ones of UTC were asked for, and its groups. */
type Of = { readonly from: string | null; readonly to: string | null; readonly by: string | null };

/** Where the promises behind a number of an answer are listed. */
export function behind({ from, to, by }: Of, only: { class?: string; key?: string }): string {
  const query = new URLSearchParams();
  if (from !== null) query.set('from', from.slice(0, 10));
  if (to !== null) query.set('to', to.slice(0, 10));
  if (only.class) query.set('class', only.class);
  if (only.key !== undefined && by !== null) {
    query.set('by', by);
    query.set('key', only.key);
  }
  return `/promises/behind?${query.toString()}`;
}
