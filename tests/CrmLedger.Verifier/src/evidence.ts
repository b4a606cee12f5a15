import { checkCheckpoint, parseCheckpoint, type Checkpoint, type Policy } from './checkpoint.ts';
import { parseJson, type Json } from './json.ts';
import { emptyRoot, leafHash, nodeHash, sha256 } from './merkle.ts';
import { parseKey, parseNote } from './note.ts';
import { Refusal, wellFormed } from './refusal.ts';
import { decode, decodeUtf8, fromBase64, hashFromBase64, percentDecode, toCount } from './text.ts';

/** Bundles of evidence: src/CrmLedger.Transparency/EvidenceWalk.cs says what their lines are. */

const HEADER = 'crmledger-evidence@v1';
const MAX_LINE = 1 << 26;

/** A subtree of 2^height leaves, or a leaf, with the place of its first leaf. */
type Part = { readonly first: bigint; readonly end: bigint; readonly hash: Buffer };
type Entry = Map<string, Json>;
export type Evidence = { readonly checkpoint: Checkpoint; readonly about: string; readonly shown: number };

/** Throws a Refusal unless the bundle leads to a tree that the log has signed, and shows what it says it shows. */
export function checkEvidence(bytes: Uint8Array, policy: Policy): Evidence {
  const lines = splitLines(Buffer.from(bytes));
  wellFormed(text(lines.shift()) === HEADER, `the first line is not ${HEADER}`);
  const about = after(lines.shift(), 'about');
  wellFormed(startsWith(lines[0], 'key'), 'no key');
  while (startsWith(lines[0], 'key')) parseKey(after(lines.shift(), 'key'));
  while (startsWith(lines[0], 'statement')) parseNote(fromBase64(after(lines.shift(), 'statement'), 'a statement'));
  const checkpoint = parseCheckpoint(fromBase64(after(lines.shift(), 'checkpoint'), 'the checkpoint'));
  const { parts, entries, size } = readTree(lines);
  checkCheckpoint(checkpoint, policy);
  if (size !== checkpoint.size || !root(parts, 0n, size).equals(checkpoint.root)) {
    throw new Refusal('WrongPath', 'the lines lead to another tree than the one that was signed');
  }
  checkScope(about, entries, size);
  return { checkpoint, about, shown: entries.length };
}

function readTree(lines: readonly Buffer[]): { parts: Part[]; entries: Entry[]; size: bigint } {
  const parts: Part[] = [];
  const entries: Entry[] = [];
  let size = 0n;
  for (const line of lines) {
    let height = 0n;
    let hash: Buffer;
    if (startsWith(line, 'event')) {
      const entry = line.subarray('event '.length);
      hash = leafHash(sha256(entry));
      const json = parseJson(decodeUtf8(entry));
      const isHere = json instanceof Map && json.get('position') === Number(size);
      wellFormed(isHere, `the event at ${size} is of another place`);
      entries.push(json);
    } else {
      const [digits, base64, ...rest] = after(line, 'node').split(' ');
      wellFormed(digits !== undefined && base64 !== undefined && rest.length === 0, 'a node has a height and a hash');
      height = toCount(digits, 'a height');
      hash = hashFromBase64(base64, 'a node');
    }
    wellFormed(height < 63n && size % (1n << height) === 0n, `no subtree of height ${height} begins at ${size}`);
    parts.push({ first: size, end: size + (1n << height), hash });
    size += 1n << height;
  }
  return { parts, entries, size };
}

/** RFC 6962 §2.1 over leaves and perfect subtrees, from the root downwards. */
function root(parts: readonly Part[], first: bigint, end: bigint): Buffer {
  if (first === end) return emptyRoot();
  if (parts.length === 1) return parts[0]!.hash;
  let half = 1n;
  while (half * 2n < end - first) half *= 2n;
  const middle = parts.findIndex((part) => part.first === first + half);
  wellFormed(middle > 0, `a subtree reaches over ${first + half}`);
  return nodeHash(root(parts.slice(0, middle), first, first + half), root(parts.slice(middle), first + half, end));
}

function checkScope(about: string, entries: readonly Entry[], size: bigint): void {
  const [kind, ...words] = about.split(' ');
  const complete = (condition: boolean) => {
    if (!condition) throw new Refusal('WrongPath', `it does not show what it says it shows: ${about}`);
  };
  if (kind === 'log') {
    complete(words.length === 0 && BigInt(entries.length) === size);
  } else if (kind === 'positions') {
    const [first, end] = words.map((word) => toCount(word, 'a position'));
    complete(words.length === 2 && BigInt(entries.length) === end! - first!
      && entries.every((e) => Number(first) <= Number(e.get('position')) && Number(e.get('position')) < Number(end)));
  } else if (kind === 'streams') {
    const next = new Map(words.map((word) => [word, 1]));
    for (const entry of entries) {
      const stream = String(entry.get('stream'));
      complete(entry.get('version') === next.get(stream));
      next.set(stream, next.get(stream)! + 1);
    }
    complete(words.length > 0 && words.every((word) => word === 'policy' || next.get(word)! > 1));
  } else {
    complete(kind === 'promise' && words.length === 2 && entries.length > 0);
    const promiseId = percentDecode(words[1]!);
    const ids = new Set<Json>();
    for (const entry of entries) {
      const data = entry.get('data');
      complete(entry.get('stream') === words[0] && data instanceof Map && (data.get('promiseId') === promiseId
        || entry.get('type') === 'entry_annulled' && ids.has(data.get('eventId') ?? null)));
      ids.add(entry.get('id') ?? null);
    }
  }
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  wellFormed(start === bytes.length, 'the last line does not end');
  return lines;
}

const startsWith = (line: Buffer | undefined, word: string): boolean =>
  line !== undefined && line.subarray(0, word.length + 1).toString('latin1') === `${word} `;

const text = (line: Buffer | undefined): string => line === undefined ? '' : decode(line, MAX_LINE);

function after(line: Buffer | undefined, word: string): string {
  wellFormed(startsWith(line, word), `no line '${word} …' where one belongs`);
  return text(line!.subarray(word.length + 1));
}
