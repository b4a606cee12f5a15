import type { Shapes } from '../api/client.ts';

/** An event of a customer's history, with what the pages ask of every one. */
export type Entry = Omit<Shapes['ShownEvent'], 'data'> & { readonly data: Readonly<Record<string, unknown>> };

/** A customer's whole history, who is named in it, and what became of what was promised. */
export type History = Omit<Shapes['HistoryPage'], 'events' | 'next'> & {
  readonly events: readonly Entry[];
  readonly commitments: Commitments;
};

export type Commitments = Pick<Shapes['CustomerCommitments'], 'promises' | 'followUps' | 'concerns'>;

/** What a reader can leave the others out for. */
export const kinds = [
  'touchpoints',
  'promises',
  'followUps',
  'concerns',
  'feedback',
  'needs',
  'purchases',
  'relationship',
] as const;

export type Kind = (typeof kinds)[number];

const prefixes: readonly (readonly [string, Kind])[] = [
  ['touchpoint_', 'touchpoints'],
  ['promise_', 'promises'],
  ['follow_up_', 'followUps'],
  ['concern_', 'concerns'],
  ['feedback_', 'feedback'],
  ['preference_', 'needs'],
  ['solution_', 'needs'],
  ['purchase_', 'purchases'],
];

/** What an entry is about; whatever is about none of the rest is about the relationship itself. */
export const kindOf = (type: string): Kind =>
  prefixes.find(([prefix]) => type.startsWith(prefix))?.[1] ?? 'relationship';

/** A text of the entry's data, or an empty one. */
export const textOf = (entry: Entry, field: string): string => {
  const value = entry.data[field];
  return typeof value === 'string' ? value : '';
};

export const numberOf = (entry: Entry, field: string): number | null => {
  const value = entry.data[field];
  return typeof value === 'number' ? value : null;
};

export const textsOf = (entry: Entry, field: string): readonly string[] => {
  const value = entry.data[field];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
};

/** As things happened, the newest first; what happened at one time, as it was recorded. */
export const byTime = (events: readonly Entry[]): readonly Entry[] =>
  events.toSorted((a, b) =>
    a.occurredAt === b.occurredAt ? b.version - a.version : a.occurredAt < b.occurredAt ? 1 : -1,
  );

/** What stands where personal text was that nobody can read any more, or not now. */
export const isErased = (text: string | undefined): boolean => text === '[erased]';
export const isUnreadable = (text: string | undefined): boolean => text === '[unreadable]';

/** Into whom the customer was merged, if that stands. */
export function mergedInto(events: readonly Entry[]): { readonly customerId: string; readonly reason: string } | null {
  const last = events.findLast(
    (entry) =>
      entry.annulled === undefined && (entry.type === 'customer_merged_into' || entry.type === 'customer_unmerged'),
  );
  return last?.type === 'customer_merged_into'
    ? { customerId: textOf(last, 'customerId'), reason: textOf(last, 'reason') }
    : null;
}

/** The erasure that the history tells of, if there was one. */
export const erasure = (events: readonly Entry[]): Entry | null =>
  events.findLast((entry) => entry.type === 'customer_erased') ?? null;

/** The last word on each: of each preference's key, of each purpose somebody consented to. */
export function latestOf(events: readonly Entry[], type: string, field: string): readonly Entry[] {
  const latest = new Map<string, Entry>();
  for (const entry of events) {
    if (entry.type === type && entry.annulled === undefined) latest.set(textOf(entry, field), entry);
  }
  return [...latest.values()];
}

/** The entries of one type that were not annulled, by what they are about; of several about one thing, the last. */
export const lastAbout = (events: readonly Entry[], type: string, field: string): ReadonlyMap<string, Entry> =>
  new Map(latestOf(events, type, field).map((entry) => [textOf(entry, field), entry]));
