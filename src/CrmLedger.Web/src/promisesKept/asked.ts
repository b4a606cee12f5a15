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

/** The address's filters, and how to change them. */
export const useAsked = (): [Asked, (changes: Partial<Asked>) => void] => useAddress<Asked>(defaults);

/** The days that are asked about. */
export const daysOf = ({ period, from, to }: Asked): Period => periodOf(period, from, to, todayUtc());

/** Which of the promises a number counts; all of them where nothing is said. */
export type Part = { readonly class?: string; readonly cause?: string; readonly only?: string };

const settled = 'kept_first_date,kept_agreed_date,kept_late,broken,overdue';

/** What the rates are made of: the strict one is keptFirst of counted, the agreed one keptAgreed of settled. */
export const parts = {
  keptFirst: { class: 'kept_first_date' },
  counted: { class: `${settled},moved_by_agreement` },
  keptAgreed: { class: 'kept_first_date,kept_agreed_date' },
  settled: { class: settled },
} as const satisfies Record<string, Part>;

/** What an answer says that it is of: its days, as whole ones of UTC were asked for, and its groups. */
type Of = { readonly from: string | null; readonly to: string | null; readonly by?: string | null };

/** Where the promises behind a number of an answer are listed. */
export function behind({ from, to, by }: Of, part: Part, key?: string): string {
  const query = new URLSearchParams();
  if (from !== null) query.set('from', from.slice(0, 10));
  if (to !== null) query.set('to', to.slice(0, 10));
  for (const [name, value] of Object.entries(part)) query.set(name, value);
  if (key !== undefined && by != null) {
    query.set('by', by);
    query.set('key', key);
  }
  return `/promises/behind?${query.toString()}`;
}
