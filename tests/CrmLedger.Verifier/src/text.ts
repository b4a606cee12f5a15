import { Refusal, wellFormed } from './refusal.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Refusal('Malformed', 'not UTF-8');
  }
}

/** Strict UTF-8 without control characters other than newline (C2SP signed-note, "Format"). */
export function decode(bytes: Uint8Array, maxBytes: number): string {
  wellFormed(bytes.length <= maxBytes, `more than ${maxBytes} bytes`);
  const text = decodeUtf8(bytes);
  wellFormed(!/[\0-\x09\x0b-\x1f]/.test(text), 'a control character other than newline');
  return text;
}

export function encode(text: string): Buffer {
  wellFormed(text.isWellFormed(), 'a lone surrogate');
  return Buffer.from(text, 'utf8');
}

/** RFC 4648 §4, canonical: Node's own decoder would pass over nearly anything. */
export function fromBase64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  wellFormed(bytes.toString('base64') === text, `${what} is not canonical base64`);
  return bytes;
}

export function hashFromBase64(text: string, what: string): Buffer {
  const hash = fromBase64(text, what);
  wellFormed(hash.length === 32, `${what} has ${hash.length} bytes, not 32`);
  return hash;
}

/** ASCII digits without a leading zero, at most 2^63−1. */
export function toCount(digits: string, what: string): bigint {
  wellFormed(/^(0|[1-9][0-9]{0,18})$/.test(digits), `${what} is not a decimal number without leading zeros`);
  const count = BigInt(digits);
  wellFormed(count < 2n ** 63n, `${what} is beyond 2^63-1`);
  return count;
}

/** RFC 3986 §2.1, canonical: as encodeURIComponent writes it, and in no other way. */
export function percentDecode(text: string): string {
  let decoded: string | null = null;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    // A % that no two digits follow, or bytes that are no UTF-8: refused below.
  }
  wellFormed(decoded !== null && encodeURIComponent(decoded) === text, `'${text}' is not percent-encoded`);
  return decoded;
}
