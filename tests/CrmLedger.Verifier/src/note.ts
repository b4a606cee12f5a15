import { createPublicKey, verify } from 'node:crypto';
import { sha256 } from './merkle.ts';
import { Refusal, wellFormed } from './refusal.ts';
import { decode, encode, fromBase64 } from './text.ts';

/** C2SP signed-note and tlog-cosignature. */

const MAX_BYTES = 1 << 20;
const MAX_SIGNATURES = 100;
const DASH = '\u2014 ';
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const P = 2n ** 255n - 19n;

/** The y coordinates of the points of small order, under which one signature fits many messages. */
const SMALL_ORDER = new Set([
  0n,
  1n,
  P - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  P - 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
]);

export type Kind = 'ed25519' | 'cosignature';
export type Key = { readonly name: string; readonly kind: Kind; readonly id: number; readonly publicKey: Buffer };
export type Signature = { readonly name: string; readonly id: number; readonly bytes: Buffer };
export type Note = { readonly text: string; readonly signatures: readonly Signature[] };
export type Verified = { readonly key: Key; readonly time: bigint | null };

/** name+keyid+base64(type ‖ public key) */
export function parseKey(text: string): Key {
  const [, name, id, base64] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text) ?? [];
  wellFormed(name !== undefined && id !== undefined && base64 !== undefined, 'a key reads name+keyid+base64');
  wellFormed(isKeyName(name), 'a key name with a space or a plus, or none');
  const material = fromBase64(base64, 'a key');
  wellFormed(material.length === 33, 'a key is a type byte and 32 bytes');
  wellFormed(material[0] === 1 || material[0] === 4, `signatures of type ${material[0]} are not known here`);
  const expected = sha256(encode(`${name}\n`), material).readUInt32BE(0);
  wellFormed(parseInt(id, 16) === expected, 'the key id does not belong to the key');
  const publicKey = material.subarray(1);
  wellFormed(isUsable(publicKey), 'a point of small order, or no canonical point');
  return { name, kind: material[0] === 1 ? 'ed25519' : 'cosignature', id: expected, publicKey };
}

export function parseNote(bytes: Uint8Array): Note {
  const note = decode(bytes, MAX_BYTES);
  const blank = note.lastIndexOf('\n\n');
  wellFormed(blank >= 0, 'no blank line before the signatures');
  const lines = note.slice(blank + 2).split('\n');
  wellFormed(lines.pop() === '' && lines.length > 0, 'no signatures, or the last line does not end');
  wellFormed(lines.length <= MAX_SIGNATURES, `more than ${MAX_SIGNATURES} signatures`);
  return { text: note.slice(0, blank + 1), signatures: lines.map(parseSignature) };
}

/** Who of the trusted has signed: each once. One wrong signature in a trusted name spoils the note. */
export function openNote(note: Note, keys: readonly Key[]): Verified[] {
  const verified = new Map<Key, Verified>();
  for (const signature of note.signatures) {
    for (const key of keys.filter((key) => key.name === signature.name && key.id === signature.id)) {
      const time = key.kind === 'cosignature' ? cosignedAt(signature.bytes) : null;
      if (!isRight(note.text, key, signature.bytes, time)) {
        throw new Refusal('WrongSignature', `the signature of '${key.name}' does not fit the text`);
      }
      if (!verified.has(key)) verified.set(key, { key, time: time ?? null });
    }
  }
  if (verified.size === 0) throw new Refusal('NotSigned', 'none of the trusted keys has signed');
  return [...verified.values()];
}

function parseSignature(line: string): Signature {
  wellFormed(line.startsWith(DASH), 'a signature line without a dash');
  const [name, base64, ...more] = line.slice(DASH.length).split(' ');
  wellFormed(name !== undefined && base64 !== undefined && more.length === 0, 'a signature line is a name and base64');
  wellFormed(isKeyName(name), 'a key name with a space or a plus, or none');
  const bytes = fromBase64(base64, 'a signature');
  wellFormed(bytes.length > 4, 'a signature without bytes after its key id');
  return { name, id: bytes.readUInt32BE(0), bytes: bytes.subarray(4) };
}

function cosignedAt(signature: Buffer): bigint | undefined {
  return signature.length === 72 ? signature.readBigUInt64BE(0) : undefined;
}

function isRight(text: string, key: Key, signature: Buffer, time: bigint | null | undefined): boolean {
  if (time === undefined || (time !== null && time >= 2n ** 63n)) return false;
  const message = encode(time === null ? text : `cosignature/v1\ntime ${time}\n${text}`);
  const bytes = time === null ? signature : signature.subarray(8);
  if (bytes.length !== 64) return false;
  try {
    const spki = Buffer.concat([SPKI_PREFIX, key.publicKey]);
    return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), bytes);
  } catch {
    return false; // 32 bytes that are not on the curve
  }
}

function isKeyName(name: string): boolean {
  return name.length > 0 && !/[\p{White_Space}+]/u.test(name);
}

function isUsable(publicKey: Buffer): boolean {
  const y = BigInt(`0x${Buffer.from(publicKey).reverse().toString('hex')}`) & (2n ** 255n - 1n);
  return y < P && !SMALL_ORDER.has(y);
}
