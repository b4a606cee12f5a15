import { type Bytes, cryptography, equal, fromBase64, joined, sha256, textOf, toBase64, toHex, utf8 } from './bytes.ts';
import { demand, type Fault, Refusal, Unable } from './refusal.ts';

/** A log's public key, as C2SP signed-note writes it: name+id+base64. */
export type LogKey = {
  readonly text: string;
  readonly name: string;
  readonly id: string;
  readonly publicKey: Bytes;
};

/** One signature of a note: by a key of this name and id, if it is true. */
export type Signature = { readonly name: string; readonly id: string; readonly bytes: Bytes };

/** A signed text (C2SP signed-note). Nothing of it is believed before `checkSignature`. */
export type Note = { readonly text: string; readonly signatures: readonly Signature[] };

const ed25519 = 1;
const mostBytes = 1 << 20;
const mostSignatures = 100;
const dash = '\u2014 ';

/** Text without a control character but newline. */
export function plainText(bytes: Bytes, fault: Fault): string {
  demand(bytes.length <= mostBytes, fault);
  const text = textOf(bytes, fault);
  demand(
    [...text].every((letter) => letter >= ' ' || letter === '\n'),
    fault,
  );
  return text;
}

const isName = (text: string): boolean => text.length > 0 && !/[\s\u0085+]/u.test(text);

export async function readKey(text: string): Promise<LogKey> {
  const [name, id, ...rest] = text.split('+');
  const bytes = fromBase64(rest.join('+'));
  demand(name !== undefined && id !== undefined && isName(name) && bytes !== null && bytes.length === 33, 'keyForm');
  demand(bytes[0] === ed25519, 'keyKind');
  const publicKey = bytes.slice(1);
  demand(isUsable(publicKey), 'keyWeak');
  const hash = await sha256(joined(utf8(`${name}\n`), bytes));
  demand(toHex(hash.slice(0, 4)) === id, 'keyId');
  return { text, name, id, publicKey };
}

/** The y coordinates of the points of small order: under such a key one signature fits every text (RFC 8032 §5.1). */
const weak = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];

/** Whether a point may be a key that somebody holds: of no small order, and y below 2^255 − 19. */
function isUsable(publicKey: Bytes): boolean {
  const y = publicKey.slice();
  y[31]! &= 0x7f;
  const value = BigInt(`0x${toHex(y.slice().reverse())}`);
  return value < 2n ** 255n - 19n && !weak.includes(toHex(y));
}

export function readNote(bytes: Bytes): Note {
  const whole = plainText(bytes, 'noteForm');
  const blank = whole.lastIndexOf('\n\n');
  demand(blank > 0 && whole.endsWith('\n') && whole.length > blank + 2, 'noteForm');
  const lines = whole.slice(blank + 2, -1).split('\n');
  demand(lines.length <= mostSignatures, 'noteForm');
  return { text: whole.slice(0, blank + 1), signatures: lines.map(readSignature) };
}

function readSignature(line: string): Signature {
  const [name, base64, ...rest] = line.startsWith(dash) ? line.slice(dash.length).split(' ') : [];
  demand(name !== undefined && base64 !== undefined && rest.length === 0 && isName(name), 'signatureForm');
  const bytes = fromBase64(base64);
  demand(bytes !== null && bytes.length > 4, 'signatureForm');
  return { name, id: toHex(bytes.slice(0, 4)), bytes: bytes.slice(4) };
}

/** The note as it is sent. */
export const writeNote = (note: Note): string =>
  `${note.text}\n${note.signatures
    .map((signature) => `${dash}${signature.name} ${toBase64(joined(bytesOfHex(signature.id), signature.bytes))}\n`)
    .join('')}`;

const bytesOfHex = (hex: string): Bytes => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** Refuses unless the key has signed the note, and has signed nothing else in its place. Others are passed over. */
export async function checkSignature(note: Note, key: LogKey): Promise<void> {
  const its = note.signatures.filter((signature) => signature.name === key.name && signature.id === key.id);
  demand(its.length > 0, 'notSigned');
  const imported = await importKey(key);
  for (const { bytes } of its) {
    demand(await cryptography().verify('Ed25519', imported, bytes, utf8(note.text)), 'wrongSignature');
  }
}

async function importKey(key: LogKey): Promise<CryptoKey> {
  try {
    return await cryptography().importKey('raw', key.publicKey, 'Ed25519', false, ['verify']);
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'NotSupportedError') throw new Unable('ed25519');
    if (thrown instanceof Unable) throw thrown;
    throw new Refusal('keyWeak');
  }
}

export const isSameKey = (one: LogKey, other: LogKey): boolean =>
  one.name === other.name && equal(one.publicKey, other.publicKey);
