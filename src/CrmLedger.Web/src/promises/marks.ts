import type { Shapes } from '../api/client.ts';

export type Tone = 'plain' | 'info' | 'good' | 'warn' | 'bad';

/** A thing that happened, on the line of a promise's time. */
export type Mark = {
  readonly id: string;
  readonly type: string;
  readonly at: number;
  readonly tone: Tone;
  readonly annulled: boolean;
  /** From the left, 0 to 1. */
  readonly x: number;
  /** Which of those that would lie on one another: 0 is the lowest. */
  readonly lane: number;
};

type Span = { readonly from: number; readonly to: number };

const tones: Readonly<Record<string, Tone>> = {
  promise_made: 'info',
  promise_declared_kept: 'good',
  promise_confirmed: 'good',
  promise_lapsed: 'bad',
  promise_disputed: 'bad',
  promise_withdrawn: 'bad',
  promise_renegotiation_proposed: 'warn',
  promise_renegotiation_accepted: 'warn',
  promise_renegotiation_refused: 'warn',
};

/** The line's ends: everything that is shown lies between them, with a little air. */
export function spanOf(times: readonly number[]): Span {
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const air = Math.max((last - first) * 0.05, 1_800_000);
  return { from: first - air, to: last + air };
}

export const shareOf = (time: number, { from, to }: Span): number => (time - from) / (to - from);

/** Where each event stands; one that would lie on another stands above it. */
export function marksOf(events: readonly Shapes['ShownEvent'][], span: Span, gap = 0.045): Mark[] {
  const ends: number[] = [];
  return [...events]
    .sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt) || a.position - b.position)
    .map((event) => {
      const at = Date.parse(event.occurredAt);
      const x = shareOf(at, span);
      const free = ends.findIndex((end) => x - end >= gap);
      const lane = free < 0 ? ends.length : free;
      ends[lane] = x;
      const { id, type, annulled } = event;
      return { id, type, at, tone: tones[type] ?? 'plain', annulled: annulled != null, x, lane };
    });
}
