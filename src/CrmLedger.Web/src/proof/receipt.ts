import { type Bytes, fromBase64, hashLength } from './bytes.ts';
import { readCount } from './checkpoint.ts';
import { plainText } from './note.ts';
import { demand } from './refusal.ts';

/** The proof for keeping that a log holds an entry (C2SP tlog-proof v1). */
export type Receipt = {
  readonly index: bigint;
  readonly path: readonly Bytes[];
  /** The signed checkpoint, not read yet. */
  readonly checkpoint: Bytes;
};

const newline = 10;
const mostExtra = 1 << 16;
const longestPath = 63;

export function readReceipt(bytes: Bytes): Receipt {
  const blank = bytes.findIndex((byte, at) => byte === newline && bytes[at + 1] === newline);
  demand(blank > 0, 'receiptForm');
  const lines = plainText(bytes.slice(0, blank), 'receiptForm').split('\n');
  demand(lines.shift() === 'c2sp.org/tlog-proof@v1', 'receiptForm');
  if (lines[0]?.startsWith('extra ')) {
    const extra = fromBase64(lines.shift()!.slice('extra '.length));
    demand(extra !== null && extra.length > 0 && extra.length <= mostExtra, 'receiptForm');
  }
  const place = lines.shift() ?? '';
  demand(place.startsWith('index '), 'receiptIndex');
  const index = readCount(place.slice('index '.length));
  demand(index !== null, 'receiptIndex');
  demand(lines.length <= longestPath, 'pathLength');
  const path = lines.map((line) => {
    const hash = fromBase64(line);
    demand(hash !== null && hash.length === hashLength, 'receiptHash');
    return hash;
  });
  return { index, path, checkpoint: bytes.slice(blank + 2) };
}
