import type { Shapes } from '../api/client.ts';
import { type Bytes, equal, fromBase64, hashLength, sha256, textOf } from './bytes.ts';
import { type Checkpoint, checkpointOf, readCheckpoint } from './checkpoint.ts';
import { type Entry, readEntry } from './entry.ts';
import type { Known } from './known.ts';
import { checkGrowth, checkPlace, type Climb, climb, leafHash } from './merkle.ts';
import { checkSignature, isSameKey, type LogKey, readKey } from './note.ts';
import { type Receipt, readReceipt } from './receipt.ts';
import { demand, Refusal } from './refusal.ts';
import { Rests, type Step, Steps, Unseen } from './steps.ts';
import { growthProof, type TileReader } from './tiles.ts';

/** What a log has said, and what is known of it from before. */
export type LogMaterial = {
  readonly tenant: string;
  /** What `/log/{tenant}/key` answers: the keys that have signed, the one that signs now last. */
  readonly keys: Bytes;
  readonly known: Known | null | 'damaged';
  readonly readTile: TileReader;
  readonly now: string;
};

/** What there is to prove an event with. */
export type EventMaterial = LogMaterial & {
  readonly receipt: Bytes;
  /** The event as it is shown to the reader; null where he may not see it. */
  readonly shown: Shapes['ShownEvent'] | null;
  /**
   * The entry's exact bytes, where the reader may have them (null where they were not among what should hold them); or
   * else a bundle of entries' hashes, as the log publishes them, that ends with this one.
   */
  readonly entry: { readonly line: Bytes | null } | { readonly hashes: Bytes | null };
};

export type LogFindings = {
  readonly steps: readonly Step[];
  readonly checkpoint: Checkpoint | null;
  /** The key that was checked with: the one that is known, or the server's. */
  readonly key: LogKey | null;
  /** What is known from now on; null where what was found is not to be remembered. */
  readonly next: Known | null;
};

export type Findings = LogFindings & {
  readonly receipt: Receipt | null;
  readonly entryHash: Bytes | null;
  readonly entry: Entry | null;
  readonly leaf: Bytes | null;
  readonly climbed: readonly Climb[] | null;
};

/** Checks an event from its own bytes up to what this computer saw of the log before. */
export async function checkEvent(given: EventMaterial): Promise<Findings> {
  const steps = new Steps();
  const { shown } = given;
  let receipt: Receipt | null = null;
  let unread: unknown = null;
  try {
    receipt = readReceipt(given.receipt);
  } catch (thrown) {
    unread = thrown;
  }
  let entryHash: Bytes | null = null;
  const entry = await steps.take('entry', [], async () => {
    if ('hashes' in given.entry) {
      entryHash = lastHash(given.entry.hashes);
      throw new Unseen('notYours');
    }
    demand(given.entry.line !== null, 'entryMissing');
    entryHash = await sha256(given.entry.line);
    demand(shown !== null, 'entryMissing');
    return readEntry(given.entry.line, { tenant: given.tenant, shown });
  });
  const leaf = await steps.take('leaf', [entryHash], async () => {
    const computed = await leafHash(entryHash!);
    if (shown !== null) {
      const told = fromBase64(shown.leafHash);
      demand(told !== null && told.length === hashLength && equal(told, computed), 'wrongLeaf');
    }
    return computed;
  });
  const size = receipt === null ? null : sizeIn(receipt);
  const climbed = await steps.take('path', [], () => {
    if (receipt === null) throw unread;
    if (shown !== null) demand(receipt.index === BigInt(shown.position), 'otherEntry', 'index');
    if (size === null) throw new Rests();
    checkPlace(receipt.index, size.size, receipt.path);
    if (leaf === null) throw new Rests();
    return climb(leaf, receipt.index, size.size, receipt.path);
  });
  await steps.take('root', [climbed, leaf], () => {
    demand(equal(climbed!.at(-1)?.node ?? leaf!, size!.root), 'wrongRoot');
  });
  const log = await checkLog({ ...given, checkpoint: receipt?.checkpoint ?? null }, steps);
  return { ...log, receipt, entryHash, entry, leaf, climbed };
}

/** Checks a checkpoint by itself: form, key, signature, and whether it continues what was seen before. */
export async function checkLog(
  given: LogMaterial & { readonly checkpoint: Bytes | null },
  steps = new Steps(),
): Promise<LogFindings> {
  const known = given.known === 'damaged' ? null : given.known;
  const checkpoint = await steps.take('checkpoint', [given.checkpoint], () => readCheckpoint(given.checkpoint!));
  let key = known === null ? null : await readKey(known.key).catch(() => null);
  await steps.take('key', [], async () => {
    demand(known === null || key !== null, 'damaged');
    const current = await currentKey(given.keys);
    key ??= current;
    demand(isSameKey(current, key), 'otherKey');
    demand(checkpoint === null || checkpoint.origin === key.name, 'otherLog');
  });
  const signed = await steps.take('signature', [checkpoint, key], async () => {
    await checkSignature(checkpoint!.note, key!);
    return true;
  });
  // What nobody has signed tells nothing about the log's history.
  await steps.take('growth', [signed], () => checkHistory(given, checkpoint!));
  const isGood = ['checkpoint', 'key', 'signature', 'growth'].every((name) => steps.holds(name as Step['name']));
  const next = isGood
    ? {
        key: key!.text,
        since: known?.since ?? given.now,
        pinned: known?.pinned ?? false,
        checkpoint: { text: textOf(given.checkpoint!, 'noteForm'), key: key!.text, at: given.now },
      }
    : null;
  return { steps: steps.taken, checkpoint, key, next };
}

/** Whether the log still tells the history that it told before. */
async function checkHistory(given: LogMaterial, newer: Checkpoint): Promise<void> {
  demand(given.known !== 'damaged', 'damaged');
  const before = given.known?.checkpoint ?? null;
  if (before === null) return;
  let older: Checkpoint;
  try {
    older = checkpointOf(before.text);
    await checkSignature(older.note, await readKey(before.key));
  } catch (thrown) {
    throw thrown instanceof Refusal ? new Refusal('damaged') : thrown;
  }
  demand(older.origin === newer.origin, 'otherLog');
  const proof = newer.size < older.size ? [] : await growthProof(older.size, newer.size, given.readTile);
  await checkGrowth(older, newer, proof);
}

/** The last of a bundle of entries' hashes, each with its length before it (C2SP tlog-tiles). */
function lastHash(hashes: Bytes | null): Bytes {
  const one = hashLength + 2;
  demand(hashes !== null && hashes.length >= one && hashes.length % one === 0, 'tileForm');
  const last = hashes.slice(-one);
  demand(last[0] === 0 && last[1] === hashLength, 'tileForm');
  return last.slice(2);
}

/** The key that signs now, of those that a log publishes. */
export async function currentKey(published: Bytes): Promise<LogKey> {
  const text = textOf(published, 'keyForm');
  demand(text.endsWith('\n'), 'keyForm');
  const keys = await Promise.all(text.slice(0, -1).split('\n').map(readKey));
  return keys.at(-1)!;
}

/** Size and root of a receipt's checkpoint, signed or not; null where it cannot be read. */
function sizeIn(receipt: Receipt): Checkpoint | null {
  try {
    return readCheckpoint(receipt.checkpoint);
  } catch {
    return null;
  }
}
