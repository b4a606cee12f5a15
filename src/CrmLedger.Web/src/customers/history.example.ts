import type { Shapes } from '../api/client.ts';
import type { Commitments, Entry } from './entries.ts';

/** An entry's type, when it happened, its data, and what else is to be said of it. */
export type Told = readonly [string, string, Record<string, unknown>?, Partial<Entry>?];

/** A history that tests write by hand; each entry is recorded when it happened, unless said otherwise. */
export function historyOf(...told: readonly Told[]): Entry[] {
  return told.map(([type, at, data = {}, more = {}], index) => ({
    id: `event-${index + 1}`,
    type,
    stream: 'customer-1',
    version: index + 1,
    position: index,
    occurredAt: at,
    recordedAt: at,
    effectiveAt: at,
    actor: 'key:1',
    leafHash: '',
    data,
    ...more,
  }));
}

export const annulled: Partial<Entry> = {
  annulled: {
    by: 'key:2',
    at: '2026-03-01T00:00:00.000000Z',
    reason: 'Wrong customer.',
    eventId: 'event-9',
    position: 9,
  },
};

const held = { makerId: 'm', makerTeam: 't', holderId: 'm', holderTeam: 't', renegotiations: 0 } as const;
const plain = { ...held, confirmed: false, everDisputed: false, imported: false, recordedLate: false } as const;

/** A promise as the ledger judged it. */
export const promiseThat = (
  promise: Pick<Shapes['ShownPromise'], 'promiseId' | 'madeAt' | 'firstDue'> & Partial<Shapes['ShownPromise']>,
): Shapes['JudgedPromise'] => ({
  status: 'made',
  promise: { kind: 'quote', conditions: 'Sent.', bindingDue: promise.firstDue, ...plain, ...promise },
});

/** What became of what was promised; nothing where nothing is said. */
export const becameOf = (told: Partial<Commitments> = {}): Commitments => ({
  promises: [],
  followUps: [],
  concerns: [],
  ...told,
});
