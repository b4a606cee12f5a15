import type { Shapes } from '../api/client.ts';

/** What every form is given that records something about a customer. */
export type Recording = {
  customerId: string;
  close: () => void;
  /** Is told what was recorded, and what the ledger answered. */
  recorded: (what: string, answer: Shapes['CommandAnswer']) => void;
};

/** What can be recorded, and the key that begins it. */
export const recordings = [
  ['t', 'touchpoint'],
  ['p', 'promise'],
  ['f', 'followUp'],
  ['b', 'feedback'],
] as const;

export type Recordable = (typeof recordings)[number][1];
