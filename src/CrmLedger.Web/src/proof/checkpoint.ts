import { type Bytes, fromBase64, hashLength, utf8 } from './bytes.ts';
import { type Note, readNote } from './note.ts';
import { demand } from './refusal.ts';

/** What a log says of itself, with signatures (C2SP tlog-checkpoint): so many entries, under this root. */
export type Checkpoint = {
  readonly note: Note;
  readonly origin: string;
  readonly size: bigint;
  readonly root: Bytes;
};

export function readCheckpoint(bytes: Bytes): Checkpoint {
  const note = readNote(bytes);
  const lines = note.text.slice(0, -1).split('\n');
  const [origin, digits, base64] = lines;
  demand(origin !== undefined && digits !== undefined && base64 !== undefined, 'checkpointForm');
  demand(
    lines.every((line) => line.length > 0),
    'checkpointForm',
  );
  const size = readCount(digits);
  demand(size !== null, 'checkpointSize');
  const root = fromBase64(base64);
  demand(root !== null && root.length === hashLength, 'checkpointRoot');
  return { note, origin, size, root };
}

export const checkpointOf = (text: string): Checkpoint => readCheckpoint(utf8(text));

/** A number in its one spelling, at most 2^63 − 1; null for anything else. */
export function readCount(digits: string): bigint | null {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(digits)) return null;
  const count = BigInt(digits);
  return count < 1n << 63n ? count : null;
}
