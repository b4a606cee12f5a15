import { createHash } from 'node:crypto';

/**
 * RFC 6962 §2.1 as its definitions read: recursive, splitting at the largest power of two below the size. (The C#
 * implementation walks the bits of index and size, so a mistake in one is unlikely to be in the other.)
 */

export function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export const leafHash = (entry: Uint8Array): Buffer => sha256(Uint8Array.of(0), entry);
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Uint8Array.of(1), left, right);
export const emptyRoot = (): Buffer => sha256();

export function treeRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyRoot();
  if (leaves.length === 1) return leaves[0]!;
  const k = Number(split(BigInt(leaves.length)));
  return nodeHash(treeRoot(leaves.slice(0, k)), treeRoot(leaves.slice(k)));
}

/** The root that a leaf and its path (§2.1.1) lead to; null if the tree asks for a path of another length. */
export function rootOfPath(leaf: Buffer, index: bigint, size: bigint, path: readonly Buffer[]): Buffer | null {
  if (index < 0n || index >= size) return null;
  if (size === 1n) return path.length === 0 ? leaf : null;
  const sibling = path.at(-1);
  if (sibling === undefined) return null;
  const k = split(size);
  const onLeft = index < k;
  const below = rootOfPath(leaf, onLeft ? index : index - k, onLeft ? k : size - k, path.slice(0, -1));
  if (below === null) return null;
  return onLeft ? nodeHash(below, sibling) : nodeHash(sibling, below);
}

export function verifyInclusion(
  leaf: Buffer, index: bigint, size: bigint, path: readonly Buffer[], root: Buffer,
): boolean {
  return rootOfPath(leaf, index, size, path)?.equals(root) ?? false;
}

/** Whether the tree of newSize begins with that of oldSize (§2.1.2). Every tree begins with the empty one. */
export function verifyConsistency(
  oldSize: bigint, oldRoot: Buffer, newSize: bigint, newRoot: Buffer, proof: readonly Buffer[],
): boolean {
  if (oldSize < 0n || oldSize > newSize) return false;
  if (newSize === 0n && !newRoot.equals(emptyRoot())) return false;
  if (oldSize === newSize) return proof.length === 0 && oldRoot.equals(newRoot);
  if (oldSize === 0n) return proof.length === 0 && oldRoot.equals(emptyRoot());
  const roots = rootsOfProof(oldSize, newSize, proof, oldRoot);
  return roots !== null && roots.old.equals(oldRoot) && roots.new.equals(newRoot);
}

type Roots = { old: Buffer; new: Buffer };

/** SUBPROOF read backwards. The old tree's root is known only as long as the old tree is a whole left part. */
function rootsOfProof(oldSize: bigint, newSize: bigint, proof: readonly Buffer[], known: Buffer | null): Roots | null {
  const last = proof.at(-1);
  if (oldSize === newSize) {
    const root = known ?? last;
    return root !== undefined && proof.length === (known === null ? 1 : 0) ? { old: root, new: root } : null;
  }
  if (last === undefined) return null;
  const k = split(newSize);
  const rest = proof.slice(0, -1);
  if (oldSize <= k) {
    const left = rootsOfProof(oldSize, k, rest, known);
    return left && { old: left.old, new: nodeHash(left.new, last) };
  }
  const right = rootsOfProof(oldSize - k, newSize - k, rest, null);
  return right && { old: nodeHash(last, right.old), new: nodeHash(last, right.new) };
}

/** The largest power of two smaller than the size, which is 2 or more. */
function split(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1);
}
