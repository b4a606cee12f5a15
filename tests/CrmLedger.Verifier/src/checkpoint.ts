import { verifyConsistency, verifyInclusion } from './merkle.ts';
import { openNote, parseNote, type Key, type Note, type Verified } from './note.ts';
import { Refusal, wellFormed } from './refusal.ts';
import { decode, fromBase64, hashFromBase64, toCount } from './text.ts';

/** C2SP tlog-checkpoint and tlog-proof. */

const PROOF_HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_PROOF_BYTES = 1 << 17;
const MAX_EXTRA_BYTES = 1 << 16;

export type Checkpoint = { readonly origin: string; readonly size: bigint; readonly root: Buffer; readonly note: Note };
export type Receipt = {
  readonly index: bigint; readonly path: readonly Buffer[]; readonly extra: Buffer; readonly checkpoint: Checkpoint;
};

/** Whom to trust for one log. It never comes with the proof that it judges. */
export type Policy = {
  readonly origin: string;
  readonly logKeys: readonly Key[];
  readonly witnessKeys: readonly Key[];
  readonly requiredWitnesses: number;
};

export function parseCheckpoint(bytes: Uint8Array): Checkpoint {
  const note = parseNote(bytes);
  const lines = note.text.split('\n');
  lines.pop();
  const [origin, size, root] = lines;
  wellFormed(
    origin !== undefined && size !== undefined && root !== undefined && !lines.includes(''),
    'a checkpoint has three lines or more, none of them blank');
  return { origin, size: toCount(size, 'the tree size'), root: hashFromBase64(root, 'the root'), note };
}

export function parseReceipt(bytes: Uint8Array): Receipt {
  const blank = Buffer.from(bytes).indexOf('\n\n');
  wellFormed(blank >= 0, 'no blank line before the checkpoint');
  const lines = decode(bytes.subarray(0, blank), MAX_PROOF_BYTES - 1).split('\n');
  wellFormed(lines.shift() === PROOF_HEADER, `the first line is not ${PROOF_HEADER}`);
  let extra = Buffer.alloc(0);
  if (lines[0]?.startsWith('extra ')) {
    extra = Buffer.from(fromBase64(lines.shift()!.slice('extra '.length), 'the extra data'));
    wellFormed(extra.length > 0 && extra.length <= MAX_EXTRA_BYTES, 'no extra data, or too much');
  }
  const index = lines.shift();
  wellFormed(index?.startsWith('index ') ?? false, 'no index');
  wellFormed(lines.length <= 63, 'more than 63 hashes');
  return {
    index: toCount(index!.slice('index '.length), 'the index'),
    path: lines.map((line) => hashFromBase64(line, 'a hash of the path')),
    extra,
    checkpoint: parseCheckpoint(bytes.subarray(blank + 2)),
  };
}

/** Throws a Refusal unless the log and enough witnesses have signed. */
export function checkCheckpoint(checkpoint: Checkpoint, policy: Policy): Verified[] {
  const verified = checkLog(checkpoint, policy);
  checkWitnesses(verified, policy);
  return verified;
}

export function checkReceipt(receipt: Receipt, leaf: Buffer, policy: Policy): void {
  checkCheckpoint(receipt.checkpoint, policy);
  const { size, root } = receipt.checkpoint;
  if (receipt.index >= size) throw new Refusal('OutsideTree', `index ${receipt.index} in a tree of ${size} leaves`);
  if (!verifyInclusion(leaf, receipt.index, size, receipt.path, root)) {
    throw new Refusal('WrongPath', 'the path does not lead to the signed root');
  }
}

/** Throws a Refusal unless the newer checkpoint's log is the older's with nothing but leaves added. */
export function checkGrowth(older: Checkpoint, newer: Checkpoint, proof: readonly Buffer[], policy: Policy): void {
  const signers = [older, newer].map((checkpoint) => checkLog(checkpoint, policy));
  if (older.size === newer.size && !older.root.equals(newer.root)) {
    throw new Refusal('Fork', `two roots are signed for size ${newer.size}`);
  }
  for (const verified of signers) checkWitnesses(verified, policy);
  if (older.size > newer.size) throw new Refusal('OlderThanKnown', `size ${newer.size} after size ${older.size}`);
  if (!verifyConsistency(older.size, older.root, newer.size, newer.root, proof)) {
    throw new Refusal('NotConsistent', 'the proof does not lead from the older root to the newer');
  }
}

function checkLog(checkpoint: Checkpoint, policy: Policy): Verified[] {
  if (checkpoint.origin !== policy.origin) {
    throw new Refusal('OtherLog', `the checkpoint is of '${checkpoint.origin}', not of '${policy.origin}'`);
  }
  const verified = openNote(checkpoint.note, [...policy.logKeys, ...policy.witnessKeys]);
  if (!verified.some(({ key }) => key.kind === 'ed25519')) throw new Refusal('NotSigned', 'only witnesses have signed');
  return verified;
}

/** One public key under two names is one witness: a cosignature does not name who made it. */
function checkWitnesses(verified: readonly Verified[], policy: Policy): void {
  const witnesses = verified.filter(({ key }) => key.kind === 'cosignature');
  const count = new Set(witnesses.map(({ key }) => key.publicKey.toString('hex'))).size;
  if (count < policy.requiredWitnesses) {
    throw new Refusal('TooFewWitnesses', `cosigned by ${count} of ${policy.requiredWitnesses} witnesses`);
  }
}
