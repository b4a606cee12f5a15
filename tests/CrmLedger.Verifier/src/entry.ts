import { canonicalize, type Json } from './json.ts';
import { leafHash, sha256 } from './merkle.ts';
import { wellFormed } from './refusal.ts';
import { encode } from './text.ts';

const checks: Record<string, (value: Json) => boolean> = {
  tenant: isText,
  position: (value) => isCount(value, 0),
  stream: isText,
  version: (value) => isCount(value, 1),
  id: (value) => isText(value) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
  type: isText,
  recordedAt: (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value),
  correlation: isText,
  causation: isText,
  headers: (value) => value instanceof Map,
  data: (value) => value instanceof Map,
};

const optional = new Set(['correlation', 'causation']);

/** The canonical form that an event is hashed in, and its hashes: entry SHA-256(form), leaf SHA-256(0x00 ‖ entry). */
export function hashEntry(entry: Json): { canonical: string; entryHash: Buffer; leafHash: Buffer } {
  wellFormed(entry instanceof Map, 'an entry is an object');
  const hashed = new Map<string, Json>();
  for (const [name, isRight] of Object.entries(checks)) {
    const value = entry.get(name) ?? null;
    if (value === null && optional.has(name)) continue;
    wellFormed(isRight(value), `the entry's ${name} is missing or of the wrong form`);
    hashed.set(name, value);
  }
  for (const name of entry.keys()) wellFormed(Object.hasOwn(checks, name), `an entry has no member '${name}'`);
  const canonical = canonicalize(hashed);
  const entryHash = sha256(encode(canonical));
  return { canonical, entryHash, leafHash: leafHash(entryHash) };
}

function isText(value: Json): value is string {
  return typeof value === 'string';
}

function isCount(value: Json, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}
