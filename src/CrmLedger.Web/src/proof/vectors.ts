import { type Bytes, cryptography, joined, sha256, toBase64, toHex, utf8 } from './bytes.ts';
import { canonical, type Json } from './canonical.ts';
import type { EventMaterial } from './check.ts';
import { leafHash, nodeHash } from './merkle.ts';
import { growthProof } from './tiles.ts';

/** What the tests of proofs share: published vectors, and a log of their own that they can lie with. */
export const ofHex = (hex: string): Bytes => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** The entries and roots that implementations of Certificate Transparency share. */
export const entries = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
export const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
].map(ofHex);

/** From golang.org/x/mod/sumdb/note. */
export const peter = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
export const note =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n\n" +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

/** A checkpoint that a log of certificates signed in 2026. */
export const arche = 'arche2025h1.staging.ct.transparency.dev';
export const archeKey = `${arche}+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f`;
export const archeCheckpoint =
  `${arche}\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n` +
  `— ${arche} ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n`;

/** The root over hashes of leaves, as RFC 6962 §2.1 defines it. */
export async function rootOf(leaves: readonly Bytes[]): Promise<Bytes> {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0]!;
  const half = halfOf(leaves.length);
  return nodeHash(await rootOf(leaves.slice(0, half)), await rootOf(leaves.slice(half)));
}

/** The path as RFC 6962 §2.1.1 defines it. */
export async function pathOf(index: number, leaves: readonly Bytes[]): Promise<Bytes[]> {
  if (leaves.length <= 1) return [];
  const half = halfOf(leaves.length);
  return index < half
    ? [...(await pathOf(index, leaves.slice(0, half))), await rootOf(leaves.slice(half))]
    : [...(await pathOf(index - half, leaves.slice(half))), await rootOf(leaves.slice(0, half))];
}

const halfOf = (count: number): number => 2 ** Math.floor(Math.log2(count - 1));

/** A log in memory, whose secret the tests know. */
export class TestLog {
  readonly leaves: Bytes[] = [];
  readonly lines: Bytes[] = [];
  readonly origin = 'crmledger/acme/0123456789abcdef';
  key = '';
  private secret: CryptoKey | null = null;
  private id = '';

  static async of(count: number): Promise<TestLog> {
    const log = new TestLog();
    const pair = (await cryptography().generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
    log.secret = pair.privateKey;
    const publicKey = new Uint8Array(await cryptography().exportKey('raw', pair.publicKey));
    const bytes = joined(Uint8Array.of(1), publicKey);
    log.id = toHex((await sha256(joined(utf8(`${log.origin}\n`), bytes))).slice(0, 4));
    log.key = `${log.origin}+${log.id}+${toBase64(bytes)}`;
    for (let position = 0; position < count; position++) {
      const line = utf8(canonical(entryAt(position)));
      log.lines.push(line);
      log.leaves.push(await leafHash(await sha256(line)));
    }
    return log;
  }

  async sign(text: string): Promise<string> {
    const signature = new Uint8Array(await cryptography().sign('Ed25519', this.secret!, utf8(text)));
    return `${text}\n— ${this.origin} ${toBase64(joined(ofHex(this.id), signature))}\n`;
  }

  async checkpoint(size = this.leaves.length, root?: Bytes): Promise<string> {
    return this.sign(`${this.origin}\n${size}\n${toBase64(root ?? (await rootOf(this.leaves.slice(0, size))))}\n`);
  }

  async receipt(index: number): Promise<string> {
    const path = await pathOf(index, this.leaves);
    return (
      `c2sp.org/tlog-proof@v1\nindex ${index}\n${path.map((hash) => `${toBase64(hash)}\n`).join('')}\n` +
      (await this.checkpoint())
    );
  }

  /** Tiles of leaves; the test logs have no full one. */
  readonly readTile = (path: string): Promise<Bytes> => {
    const count = Number(/^tile\/0\/000\.p\/(\d+)$/.exec(path)?.[1]);
    return Promise.resolve(joined(...this.leaves.slice(0, count)));
  };

  async material(index: number): Promise<EventMaterial> {
    return {
      tenant: 'acme',
      keys: utf8(`${this.key}\n`),
      known: null,
      readTile: this.readTile,
      now: '2026-03-01T09:00:00.000Z',
      receipt: utf8(await this.receipt(index)),
      shown: { ...shownAt(index), leafHash: toBase64(this.leaves[index]!) } as unknown as Shown,
      entry: { line: this.lines[index]! },
    };
  }

  async growth(older: number): Promise<Bytes[]> {
    return growthProof(BigInt(older), BigInt(this.leaves.length), this.readTile);
  }
}

type Shown = NonNullable<EventMaterial['shown']>;

const sealed = `sealed.1.${'0'.repeat(32)}.AAAA`;

const shownAt = (position: number) => ({
  id: `0197a3b2-5c6d-7e8f-9a0b-${String(position).padStart(12, '0')}`,
  type: 'promise_made',
  stream: 'customer-0197a3b2',
  version: position + 1,
  position,
  occurredAt: '2026-03-01T08:30:15.000000Z',
  recordedAt: '2026-03-01T08:30:15.123456Z',
  actor: 'key:1',
  source: 'desk',
  data: { promiseId: `p-${position}`, amount: 12.5, conditions: 'Anna has been called.' },
});

function entryAt(position: number): Json {
  const shown = shownAt(position);
  return {
    data: { ...shown.data, conditions: sealed },
    headers: { actor: 'key:1', fingerprint: 'f', source: 'desk', occurredAt: shown.occurredAt },
    id: shown.id,
    position,
    recordedAt: shown.recordedAt,
    stream: shown.stream,
    tenant: 'acme',
    type: shown.type,
    version: shown.version,
  };
}
