import { type Bytes, equal, hashLength, joined, sha256 } from './bytes.ts';
import { demand } from './refusal.ts';

/** Hashes and proofs of RFC 6962 §2.1, checked as the shapes of its trees have it. */
export const leafHash = (entry: Bytes): Promise<Bytes> => sha256(joined(Uint8Array.of(0), entry));

export const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(joined(Uint8Array.of(1), left, right));

/** A step up the tree: the hash that was put beside, on which side, and what both together are. */
export type Climb = { readonly sibling: Bytes; readonly side: 'left' | 'right'; readonly node: Bytes };

const bitLength = (n: bigint): number => (n === 0n ? 0 : n.toString(2).length);
const ones = (n: bigint): number => n.toString(2).replaceAll('0', '').length;
const isRight = (index: bigint, height: number): boolean => (index >> BigInt(height)) % 2n === 1n;

/**
 * Refuses a place outside of the tree, and a path of another length than that of this place.
 * @returns how many levels lie below the tree's right edge.
 */
export function checkPlace(index: bigint, size: bigint, path: readonly Bytes[]): number {
  demand(index >= 0n && index < size, 'outsideTree');
  const inner = bitLength(index ^ (size - 1n));
  const levels = inner + ones(index >> BigInt(inner));
  demand(path.length === levels, 'pathLength', `${path.length} / ${levels}`);
  return inner;
}

/**
 * Climbs from a leaf to the root. Below the height at which the leaf's way and that of the tree's last leaf meet, each
 * level has a sibling on the one or the other side; above it, the way goes along the right edge and siblings are left.
 */
export async function climb(leaf: Bytes, index: bigint, size: bigint, path: readonly Bytes[]): Promise<Climb[]> {
  const inner = checkPlace(index, size, path);
  const climbed: Climb[] = [];
  let node = leaf;
  for (const [height, sibling] of path.entries()) {
    demand(sibling.length === hashLength, 'receiptHash');
    const side = height >= inner || isRight(index, height) ? 'left' : 'right';
    node = side === 'left' ? await nodeHash(sibling, node) : await nodeHash(node, sibling);
    climbed.push({ sibling, side, node });
  }
  return climbed;
}

/** Refuses unless the tree of the newer size begins with the whole tree of the older one (RFC 6962 §2.1.2). */
export async function checkGrowth(
  older: { readonly size: bigint; readonly root: Bytes },
  newer: { readonly size: bigint; readonly root: Bytes },
  proof: readonly Bytes[],
): Promise<void> {
  demand(newer.size >= older.size, 'older');
  if (older.size === newer.size) {
    demand(equal(older.root, newer.root), 'fork');
    demand(proof.length === 0, 'notConsistent');
    return;
  }
  if (older.size === 0n) {
    demand(proof.length === 0 && equal(older.root, await sha256(new Uint8Array(0))), 'notConsistent');
    return;
  }
  const last = older.size - 1n;
  const perfect = bitLength(older.size & -older.size) - 1; // the old tree's last perfect subtree is so high
  const inner = bitLength(last ^ (newer.size - 1n)) - perfect;
  const isWhole = older.size === 1n << BigInt(perfect);
  const rest = isWhole ? proof : proof.slice(1);
  const first = isWhole ? older.root : proof[0];
  demand(first !== undefined && rest.length === inner + ones(last >> BigInt(inner + perfect)), 'notConsistent');
  let [was, is] = [first, first];
  for (const [height, hash] of rest.entries()) {
    demand(hash.length === hashLength, 'notConsistent');
    if (height >= inner || isRight(last, height + perfect)) {
      was = await nodeHash(hash, was);
      is = await nodeHash(hash, is);
    } else {
      is = await nodeHash(is, hash);
    }
  }
  demand(equal(was, older.root) && equal(is, newer.root), 'notConsistent');
}
