import { expect, test } from 'vitest';
import { between, fieldsOf, inOrder, movedBy, placeOf, type Shown, type Step } from './moments.ts';

const event = (version: number, occurredAt: string): Shown => ({
  id: String(version),
  type: 'promise_made',
  stream: 'customer-1',
  version,
  position: version,
  occurredAt,
  recordedAt: '2026-01-01T00:00:00.000000Z',
  effectiveAt: occurredAt,
  actor: 'key:1',
  data: {},
  leafHash: '',
});

const step = (of: Shown, ...fields: readonly { field: string; before?: unknown; after?: unknown }[]): Step => ({
  number: of.version,
  event: of,
  trust: { judgedAt: of.recordedAt, before: 1, after: 1 },
  views: [{ view: 'kept-rate', rows: [{ key: 'P-1', change: 'changed', fields: fields as never }] }],
});

const history = [event(1, '2026-05-03'), event(2, '2026-05-01'), event(3, '2026-05-03'), event(4, '2026-05-02')];

test('events are in the order of the clock that is asked for', () => {
  expect(inOrder(history, 'recorded').map((e) => e.version)).toEqual([1, 2, 3, 4]);
  expect(inOrder(history, 'happened').map((e) => e.version)).toEqual([2, 4, 1, 3]);
  expect(placeOf(inOrder(history, 'happened'), '4')).toBe(1);
  expect(placeOf(history, '')).toBe(3);
});

test('what changed twice is one change by two events, and what came back is none', () => {
  const steps = [
    step(history[0]!, { field: 'status', after: 'made' }, { field: 'due', before: 1, after: 2 }),
    step(history[1]!, { field: 'status', before: 'made', after: 'kept' }, { field: 'due', before: 2, after: 1 }),
  ];
  expect(movedBy(steps)).toEqual([
    { view: 'kept-rate', row: 'P-1', field: 'status', before: undefined, after: 'kept', by: [history[0], history[1]] },
  ]);
});

test('between two moments lies what comes after the one and not after the other', () => {
  const steps = history.map((of) => step(of));
  const versions = (clock: 'recorded' | 'happened', a: number, b: number) =>
    between(steps, history[a]!, history[b]!, clock).map((s) => s.event.version);
  expect(versions('recorded', 0, 2)).toEqual([2, 3]);
  expect(versions('happened', 1, 0)).toEqual([1, 4]);
  expect(versions('recorded', 2, 2)).toEqual([]);
});

test('fields that changed come first', () => {
  const fields = fieldsOf({
    part: 'promise/P-1',
    before: { a: 1, b: 2 } as never,
    after: { a: 1, b: 3, c: [] } as never,
  });
  expect(fields.map((f) => [f.field, f.isNew])).toEqual([
    ['b', true],
    ['c', true],
    ['a', false],
  ]);
});
