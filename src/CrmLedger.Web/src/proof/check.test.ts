import { expect, test } from 'vitest';
import { toBase64, utf8 } from './bytes.ts';
import { checkEvent, type EventMaterial } from './check.ts';
import type { Known } from './known.ts';
import { type StepName, verdictOf } from './steps.ts';
import { roots, rootOf, TestLog } from './vectors.ts';

const log = await TestLog.of(13);

const stateOf = async (material: EventMaterial, name: StepName) =>
  (await checkEvent(material)).steps.find((step) => step.name === name);

const at = '2026-02-01T00:00:00.000Z';

const known = (checkpoint: string, key = log.key): Known => ({
  key: log.key,
  since: at,
  pinned: false,
  checkpoint: { text: checkpoint, key, at },
});

test('an event is proven from its bytes up to what was seen before', async () => {
  for (const index of [0, 6, 12]) {
    const found = await checkEvent(await log.material(index));
    expect(found.steps.map((step) => step.state)).toEqual(Array(8).fill('holds'));
    expect(found.entry?.sealed).toEqual(['conditions']);
    expect(found.next?.checkpoint?.text).toBe(await log.checkpoint());
  }
  for (let size = 1; size <= 13; size++) {
    const found = await checkEvent({ ...(await log.material(6)), known: known(await log.checkpoint(size)) });
    expect(verdictOf(found.steps)).toBe('holds');
  }
});

const everyBit = 60_000;

test(
  'every bit of a receipt counts',
  async () => {
    const material = await log.material(6);
    for (let bit = 0; bit < 8 * material.receipt.length; bit++) {
      const receipt = material.receipt.slice();
      receipt[bit >> 3]! ^= 1 << (bit & 7);
      const { steps, next } = await checkEvent({ ...material, receipt });
      expect(verdictOf(steps), `bit ${bit}`).toBe('refused');
      if (next !== null) expect(next.checkpoint?.text).toBe(await log.checkpoint());
    }
  },
  everyBit,
);

test(
  'every bit of an entry counts',
  async () => {
    const material = await log.material(6);
    const whole = 'line' in material.entry ? material.entry.line! : new Uint8Array();
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const line = whole.slice();
      line[bit >> 3]! ^= 1 << (bit & 7);
      const { steps } = await checkEvent({ ...material, entry: { line } });
      expect(verdictOf(steps), `bit ${bit}`).toBe('refused');
    }
  },
  everyBit,
);

test('what is shown must be what the entry holds', async () => {
  const material = await log.material(6);
  const shown = material.shown!;
  const lies = [
    { ...shown, type: 'promise_kept' },
    { ...shown, occurredAt: '2026-03-01T08:30:15.000001Z' },
    { ...shown, data: { ...shown.data, amount: 12.6 } },
    { ...shown, data: { ...shown.data, more: 1 } },
    { ...shown, actor: 'key:2' },
    { ...shown, source: 'shop' },
    { ...shown, version: 8 },
    { ...shown, correlationId: 'x' },
    { ...shown, importId: shown.id },
    { ...shown, extensions: { x: 'y' } },
    { ...shown, stream: 'customer-x' },
    { ...shown, data: { amount: 12.5, conditions: 'Anna' } },
    { ...shown, id: '0197a3b2-5c6d-7e8f-9a0b-000000000007' },
  ];
  for (const lie of lies) {
    expect(await stateOf({ ...material, shown: lie as typeof shown }, 'entry'), JSON.stringify(lie)).toMatchObject({
      fault: 'textAltered',
    });
  }
  expect(await stateOf({ ...material, entry: { line: null } }, 'entry')).toMatchObject({ fault: 'entryMissing' });
  expect(await stateOf({ ...material, shown: { ...shown, leafHash: toBase64(log.leaves[5]!) } }, 'leaf')).toMatchObject(
    { fault: 'wrongLeaf' },
  );
  expect(await stateOf({ ...material, receipt: utf8(await log.receipt(5)) }, 'path')).toMatchObject({
    fault: 'otherEntry',
  });
  expect(await stateOf({ ...material, tenant: 'other' }, 'entry')).toMatchObject({
    fault: 'textAltered',
    about: 'tenant',
  });
});

test('without the entry it is checked from the published hash upwards, and says so', async () => {
  const material = await log.material(6);
  const line = 'line' in material.entry ? material.entry.line! : new Uint8Array();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', line));
  const hashes = new Uint8Array([0, 32, ...roots[1]!, 0, 32, ...hash]);
  const found = await checkEvent({ ...material, shown: null, entry: { hashes } });
  expect(found.steps.map((step) => step.state)).toEqual(['unseen', ...Array<string>(7).fill('holds')]);
  expect(verdictOf(found.steps)).toBe('holds');
  hashes[40]! ^= 1;
  expect(await stateOf({ ...material, shown: null, entry: { hashes } }, 'root')).toMatchObject({ fault: 'wrongRoot' });
  expect(await stateOf({ ...material, shown: null, entry: { hashes: null } }, 'entry')).toMatchObject({
    fault: 'tileForm',
  });
});

test('a key that is not the known one is refused, and so is what it signs', async () => {
  const other = await TestLog.of(13);
  const steps = async (material: EventMaterial) =>
    Object.fromEntries(
      (await checkEvent(material)).steps.map((step) => [step.name, 'fault' in step ? step.fault : step.state]),
    );
  expect(await steps({ ...(await log.material(6)), keys: utf8(`${other.key}\n`) })).toMatchObject({
    signature: 'notSigned',
  });
  const before = known(await log.checkpoint(4));
  expect(await steps({ ...(await other.material(6)), known: before })).toMatchObject({
    key: 'otherKey',
    signature: 'notSigned',
  });
  expect(
    await steps({ ...(await log.material(6)), known: before, keys: utf8(`${log.key}\n${other.key}\n`) }),
  ).toMatchObject({ key: 'otherKey', signature: 'holds' });
  expect(await steps({ ...(await log.material(6)), keys: utf8(log.key) })).toMatchObject({
    key: 'keyForm',
    signature: 'open',
  });
});

test('two histories, a rollback and an altered memory are refused and not remembered', async () => {
  const forged = [...log.leaves.slice(0, 3), roots[1]!, ...log.leaves.slice(4, 9)];
  const cases = [
    [await log.checkpoint(9, await rootOf(forged)), 'notConsistent'],
    [await log.checkpoint(13, roots[2]!), 'fork'],
    [await log.checkpoint(14, roots[2]!), 'older'],
    [(await log.checkpoint(9)).replace('\n9\n', '\n8\n'), 'damaged'],
    ['nothing', 'damaged'],
  ] as const;
  for (const [checkpoint, fault] of cases) {
    const found = await checkEvent({ ...(await log.material(6)), known: known(checkpoint) });
    expect(found.steps.at(-1)).toMatchObject({ name: 'growth', state: 'refused', fault });
    expect(found.next).toBeNull();
  }
  expect(await stateOf({ ...(await log.material(6)), known: 'damaged' }, 'growth')).toMatchObject({ fault: 'damaged' });
});

test('a checkpoint that a replaced key has signed is still held against the log', async () => {
  const replaced = await TestLog.of(13);
  const before: Known = { ...known(await replaced.checkpoint(5), replaced.key), pinned: true };
  expect(verdictOf((await checkEvent({ ...(await log.material(6)), known: before })).steps)).toBe('holds');
});
