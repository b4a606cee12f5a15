import {
  checkCheckpoint, checkGrowth, checkReceipt, parseCheckpoint, parseReceipt, type Policy,
} from './checkpoint.ts';
import { hashEntry } from './entry.ts';
import { checkEvidence } from './evidence.ts';
import { canonicalize, parseJson, type Json } from './json.ts';
import { leafHash, treeRoot, verifyConsistency, verifyInclusion } from './merkle.ts';
import { openNote, parseKey, parseNote, type Key, type Verified } from './note.ts';
import { Refusal } from './refusal.ts';
import { decodeUtf8, encode, fromBase64, hashFromBase64, toCount } from './text.ts';

type Request = Map<string, Json>;
type Answer = Record<string, unknown>;

/** One line in, one line out, without newlines; README.md says what is in them. No line makes it throw. */
export function answer(line: Uint8Array): string {
  let id: Json = null;
  try {
    const request = parseJson(decodeUtf8(line));
    if (!(request instanceof Map)) throw new Refusal('BadRequest', 'a request is an object');
    id = request.get('id') ?? null;
    const op = request.get('op');
    const check = typeof op === 'string' ? ops.get(op) : undefined;
    if (check === undefined) throw new Refusal('BadRequest', `op is one of ${[...ops.keys()].join(', ')}`);
    return write(id, { ok: true, ...check(request) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return write(id, { ok: false, fault: error.fault, detail: error.message });
  }
}

const ops = new Map<string, (request: Request) => Answer>([
  ['leaf', (r) => ({ hash: base64(leafHash(bytes(r, 'entry'))) })],
  ['root', (r) => ({ root: base64(treeRoot(hashes(r, 'leaves'))) })],
  ['inclusion', inclusion],
  ['consistency', consistency],
  ['note', (r) => {
    const note = parseNote(textBytes(r, 'note'));
    return { signers: signers(openNote(note, keys(r, 'keys'))), text: note.text };
  }],
  ['checkpoint', (r) => {
    const checkpoint = parseCheckpoint(textBytes(r, 'checkpoint'));
    const verified = checkCheckpoint(checkpoint, policy(r));
    const { origin, size, root } = checkpoint;
    return { origin, size: String(size), root: base64(root), signers: signers(verified) };
  }],
  ['growth', (r) => {
    const [older, newer] = ['older', 'newer'].map((name) => parseCheckpoint(textBytes(r, name)));
    checkGrowth(older!, newer!, hashes(r, 'proof'), policy(r));
    return {};
  }],
  ['receipt', (r) => {
    const receipt = parseReceipt(textBytes(r, 'receipt'));
    checkReceipt(receipt, hash(r, 'leafHash'), policy(r));
    return { index: String(receipt.index), size: String(receipt.checkpoint.size), extra: base64(receipt.extra) };
  }],
  ['evidence', (r) => {
    const { checkpoint, about, shown } = checkEvidence(bytes(r, 'bundle'), policy(r));
    return { origin: checkpoint.origin, size: String(checkpoint.size), about, shown: String(shown) };
  }],
  ['canonical', (r) => ({ canonical: canonicalize(parseJson(decodeUtf8(textBytes(r, 'json')))) })],
  ['entry', (r) => {
    const { canonical, entryHash, leafHash } = hashEntry(r.get('entry') ?? null);
    return { canonical, entryHash: base64(entryHash), leafHash: base64(leafHash) };
  }],
]);

function inclusion(r: Request): Answer {
  const [index, size] = [count(r, 'index'), count(r, 'size')];
  if (index >= size) throw new Refusal('OutsideTree', `index ${index} in a tree of ${size} leaves`);
  if (!verifyInclusion(hash(r, 'leafHash'), index, size, hashes(r, 'path'), hash(r, 'root'))) {
    throw new Refusal('WrongPath', 'the path does not lead to the root');
  }
  return {};
}

function consistency(r: Request): Answer {
  const [oldSize, newSize] = [count(r, 'oldSize'), count(r, 'newSize')];
  if (!verifyConsistency(oldSize, hash(r, 'oldRoot'), newSize, hash(r, 'newRoot'), hashes(r, 'proof'))) {
    throw new Refusal('NotConsistent', 'the proof does not lead from the old root to the new');
  }
  return {};
}

function policy(r: Request): Policy {
  const given = r.get('policy');
  if (!(given instanceof Map)) throw new Refusal('BadRequest', 'policy is an object');
  const [logKeys, witnessKeys] = [keys(given, 'logKeys'), given.has('witnessKeys') ? keys(given, 'witnessKeys') : []];
  const requiredWitnesses = Number(given.has('requiredWitnesses') ? count(given, 'requiredWitnesses') : 0n);
  if (logKeys.length === 0 || logKeys.some((key) => key.kind !== 'ed25519')) {
    throw new Refusal('BadRequest', 'logKeys are one note key or more');
  }
  if (witnessKeys.some((key) => key.kind !== 'cosignature')) {
    throw new Refusal('BadRequest', 'witnessKeys make cosignatures');
  }
  return { origin: string(given, 'origin'), logKeys, witnessKeys, requiredWitnesses };
}

function signers(verified: readonly Verified[]): Answer[] {
  return verified.map(({ key, time }) => ({ name: key.name, kind: key.kind, time: time?.toString() ?? null }));
}

function string(r: Request, name: string): string {
  const value = r.get(name);
  if (typeof value !== 'string') throw new Refusal('BadRequest', `${name} is a string`);
  return value;
}

function list(r: Request, name: string): string[] {
  const value = r.get(name);
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new Refusal('BadRequest', `${name} is an array of strings`);
  }
  return value;
}

/** A whole number; beyond 2^53 it comes as a string of digits. */
function count(r: Request, name: string): bigint {
  const value = r.get(name);
  if (typeof value === 'string') return toCount(value, name);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Refusal('BadRequest', `${name} is a whole number, not negative`);
  }
  return BigInt(value);
}

/** The text of a member, or the bytes of the member of that name with "Base64" behind it. */
function textBytes(r: Request, name: string): Buffer {
  return r.has(`${name}Base64`) ? bytes(r, `${name}Base64`) : encode(string(r, name));
}

const bytes = (r: Request, name: string): Buffer => fromBase64(string(r, name), name);
const hash = (r: Request, name: string): Buffer => hashFromBase64(string(r, name), name);
const hashes = (r: Request, name: string): Buffer[] => list(r, name).map((text) => hashFromBase64(text, name));
const keys = (r: Request, name: string): Key[] => list(r, name).map(parseKey);
const base64 = (data: Buffer): string => data.toString('base64');

function write(id: Json, answer: Answer): string {
  const verdict = JSON.stringify(answer);
  return id === null ? verdict : `{"id":${canonicalize(id)},${verdict.slice(1)}`;
}
