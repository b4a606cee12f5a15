import { type Bytes, hashLength } from './bytes.ts';
import { nodeHash } from './merkle.ts';
import { demand } from './refusal.ts';

/** Asks the log for a tile by its path below `/log/{tenant}/`. */
export type TileReader = (path: string) => Promise<Bytes>;

const width = 256n;

/** A tile's path (C2SP tlog-tiles): three digits a group, all but the last with an x, and how many of its hashes. */
export function tilePath(kind: string, index: bigint, count: bigint): string {
  const digits = index.toString();
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/.../g)!;
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${kind}/${path}${count < width ? `.p/${count}` : ''}`;
}

/**
 * The consistency proof (RFC 6962 §2.1.2) from an older size to a newer one, made of the log's tiles. Tiles need not be
 * trusted: from wrong ones comes a proof that does not lead to the signed roots.
 */
export function growthProof(older: bigint, newer: bigint, read: TileReader): Promise<Bytes[]> {
  const tree = new TiledTree(newer, read);
  return older === 0n || older >= newer ? Promise.resolve([]) : tree.proof(older, 0n, newer, true);
}

class TiledTree {
  private readonly tiles = new Map<string, Promise<Bytes>>();
  private readonly size: bigint;
  private readonly read: TileReader;

  constructor(size: bigint, read: TileReader) {
    this.size = size;
    this.read = read;
  }

  async proof(older: bigint, first: bigint, end: bigint, isKnown: boolean): Promise<Bytes[]> {
    if (older === end - first) return isKnown ? [] : [await this.root(first, end)];
    const half = largestPowerBelow(end - first);
    return older <= half
      ? [...(await this.proof(older, first, first + half, isKnown)), await this.root(first + half, end)]
      : [...(await this.proof(older - half, first + half, end, false)), await this.root(first, first + half)];
  }

  private async root(first: bigint, end: bigint): Promise<Bytes> {
    const count = end - first;
    if ((count & (count - 1n)) === 0n) return this.node(count.toString(2).length - 1, first / count);
    const half = largestPowerBelow(count);
    return nodeHash(await this.root(first, first + half), await this.root(first + half, end));
  }

  /** A perfect subtree's root: one hash of a tile, or made of several of them. */
  private async node(height: number, index: bigint): Promise<Bytes> {
    const level = Math.floor(height / 8);
    const count = 1n << BigInt(height % 8);
    const tile = (index * count) / width;
    const there = (this.size >> BigInt(8 * level)) - tile * width;
    const hashes = await this.tile(level, tile, there < width ? there : width);
    const from = Number((index * count) % width);
    let row = Array.from({ length: Number(count) }, (_, at) =>
      hashes.slice((from + at) * hashLength, (from + at + 1) * hashLength),
    );
    while (row.length > 1) {
      row = await Promise.all(
        Array.from({ length: row.length / 2 }, (_, at) => nodeHash(row[2 * at]!, row[2 * at + 1]!)),
      );
    }
    return row[0]!;
  }

  private tile(level: number, index: bigint, count: bigint): Promise<Bytes> {
    const path = tilePath(String(level), index, count);
    const asked =
      this.tiles.get(path) ??
      this.read(path).then((bytes) => {
        demand(BigInt(bytes.length) === count * BigInt(hashLength), 'tileForm');
        return bytes;
      });
    this.tiles.set(path, asked);
    return asked;
  }
}

function largestPowerBelow(count: bigint): bigint {
  return 1n << BigInt((count - 1n).toString(2).length - 1);
}
