import type { Shapes } from '../api/client.ts';

export type Shown = Shapes['ShownEvent'];
export type Step = Shapes['ShownStep'];

/** By which clock somebody goes through a history: as the ledger came to know of it, or as it happened. */
export type Clock = 'recorded' | 'happened';

/** A history's events in the order of a clock; what happened at the same time stays in the order of the log. */
export const inOrder = (events: readonly Shown[], clock: Clock): readonly Shown[] =>
  clock === 'recorded'
    ? events
    : [...events].sort((one, other) =>
        one.occurredAt < other.occurredAt ? -1 : one.occurredAt > other.occurredAt ? 1 : one.version - other.version,
      );

/** Where an event of a version stands in an order; the last one where there is none of that version. */
export function placeOf(order: readonly Shown[], version: string): number {
  const place = order.findIndex((event) => String(event.version) === version);
  return place < 0 ? Math.max(0, order.length - 1) : place;
}

/** What is asked to see what one event did: recorded, as it was then; happened, with nothing that happened later. */
export const questionFor = (event: Shown, clock: Clock) =>
  clock === 'recorded'
    ? { version: event.version, limit: 1 }
    : { version: event.version, limit: 1, until: event.occurredAt };

/** A field that is another one at B than at A, and the events that made it so. */
export type Moved = {
  readonly view: string;
  readonly row: string;
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly by: readonly Shown[];
};

/** Puts together what steps did to the views, one after the other; what came back to what it was is left out. */
export function movedBy(steps: readonly Step[]): readonly Moved[] {
  const moved = new Map<string, Moved>();
  for (const { event, views } of steps) {
    for (const { view, rows } of views) {
      for (const { key = '', fields } of rows) {
        for (const { field, before, after } of fields) {
          const name = JSON.stringify([view, key, field]);
          const earlier = moved.get(name);
          moved.set(name, {
            view,
            row: key,
            field,
            after,
            before: earlier === undefined ? before : earlier.before,
            by: [...(earlier?.by ?? []), event],
          });
        }
      }
    }
  }
  return [...moved.values()].filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}

/** The steps that lie after A and not after B, in the order of a clock. */
export function between(steps: readonly Step[], a: Shown, b: Shown, clock: Clock): readonly Step[] {
  const order = inOrder(
    steps.map((step) => step.event),
    clock,
  );
  const [first, last] = [placeIn(order, a), placeIn(order, b)];
  const inside = new Set(order.slice(first + 1, last + 1).map((event) => event.version));
  return steps.filter((step) => inside.has(step.event.version));
}

const placeIn = (order: readonly Shown[], event: Shown): number =>
  order.findIndex((other) => other.version === event.version);

/** A thing's fields before and after, those that changed first. */
export type FieldRow = {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly isNew: boolean;
};

export function fieldsOf(state: NonNullable<Step['state']>): readonly FieldRow[] {
  const before = (state.before ?? {}) as Record<string, unknown>;
  const after = (state.after ?? {}) as Record<string, unknown>;
  const rows = [...new Set([...Object.keys(before), ...Object.keys(after)])].map((field) => ({
    field,
    before: before[field],
    after: after[field],
    isNew: JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  }));
  return [...rows.filter((row) => row.isNew), ...rows.filter((row) => !row.isNew)];
}
