import { expect, test } from 'vitest';
import { type Bytes, equal, fromBase64, sha256, toBase64, toHex, utf8 } from './bytes.ts';
import { canonical, readCanonical, type Json } from './canonical.ts';
import { checkpointOf, readCount } from './checkpoint.ts';
import { checkGrowth, climb, leafHash, nodeHash } from './merkle.ts';
import { checkSignature, readKey, readNote, writeNote } from './note.ts';
import { readReceipt } from './receipt.ts';
import { growthProof, tilePath } from './tiles.ts';
import { archeCheckpoint, archeKey, entries, note, ofHex, pathOf, peter, rootOf, roots, TestLog } from './vectors.ts';

const leaves = await Promise.all(entries.map((entry) => leafHash(ofHex(entry))));

test('roots are the published ones', async () => {
  for (const [size, root] of roots.entries()) expect(toHex(await rootOf(leaves.slice(0, size)))).toBe(toHex(root));
});

test('a path leads from its own place to the root, and from no other', async () => {
  const published = [
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    toHex(roots[4]!),
  ];
  expect((await pathOf(5, leaves)).map(toHex)).toEqual(published);
  for (let size = 1; size <= 8; size++) {
    for (let index = 0; index < size; index++) {
      const path = await pathOf(index, leaves.slice(0, size));
      for (let claimed = 0; claimed < size; claimed++) {
        const end = await climb(leaves[index]!, BigInt(claimed), BigInt(size), path).then(
          (climbed) => climbed.at(-1)?.node ?? leaves[index]!,
          () => null,
        );
        expect(end !== null && equal(end, roots[size]!)).toBe(claimed === index);
      }
    }
  }
});

test('a path of another length and a place outside of the tree are refused', async () => {
  const path = await pathOf(5, leaves);
  await expect(climb(leaves[5]!, 5n, 8n, path.slice(1))).rejects.toMatchObject({ fault: 'pathLength' });
  await expect(climb(leaves[5]!, 5n, 8n, [...path, roots[1]!])).rejects.toMatchObject({ fault: 'pathLength' });
  await expect(climb(leaves[5]!, 8n, 8n, path)).rejects.toMatchObject({ fault: 'outsideTree' });
  await expect(climb(leaves[5]!, -1n, 8n, path)).rejects.toMatchObject({ fault: 'outsideTree' });
});

test('growth is proven from each size to each later one, and from nothing else', async () => {
  const log = await TestLog.of(20);
  for (let newer = 1; newer <= 20; newer++) {
    for (let older = 0; older <= newer; older++) {
      const proof = await growthProof(BigInt(older), BigInt(newer), log.readTile);
      const tree = async (size: number) => ({ size: BigInt(size), root: await rootOf(log.leaves.slice(0, size)) });
      await checkGrowth(await tree(older), await tree(newer), proof);
      const other = { size: BigInt(older), root: roots[3]! };
      await expect(checkGrowth(other, await tree(newer), proof)).rejects.toThrow();
      if (older === 0) continue; // everything begins with nothing
      await expect(
        checkGrowth(await tree(older), { ...(await tree(newer)), root: roots[3]! }, proof),
      ).rejects.toThrow();
      if (older === newer) continue;
      await expect(checkGrowth(await tree(older), await tree(newer), proof.slice(1))).rejects.toMatchObject({
        fault: 'notConsistent',
      });
      await expect(checkGrowth(await tree(older), await tree(newer), [...proof, roots[1]!])).rejects.toMatchObject({
        fault: 'notConsistent',
      });
    }
  }
});

test('the published proof of growth holds from six entries to eight', async () => {
  const proof = [await nodeHash(leaves[4]!, leaves[5]!), await nodeHash(leaves[6]!, leaves[7]!), roots[4]!];
  for (let size = 1; size <= 8; size++) {
    const holds = await checkGrowth(
      { size: BigInt(size), root: roots[size]! },
      { size: 8n, root: roots[8]! },
      proof,
    ).then(
      () => true,
      () => false,
    );
    expect(holds).toBe(size === 6);
  }
});

test('two roots for one size are a fork, and a smaller tree was rolled back', async () => {
  const tree = (size: number, root = roots[size]!) => ({ size: BigInt(size), root });
  await expect(checkGrowth(tree(5), tree(5, roots[4]), [])).rejects.toMatchObject({ fault: 'fork' });
  await expect(checkGrowth(tree(6), tree(5), [])).rejects.toMatchObject({ fault: 'older' });
});

test('tiles are asked for by the paths of the specification', () => {
  expect(tilePath('0', 1234067n, 256n)).toBe('tile/0/x001/x234/067');
  expect(tilePath('1', 0n, 5n)).toBe('tile/1/000.p/5');
  expect(tilePath('entries', 1000n, 1n)).toBe('tile/entries/x001/000.p/1');
});

test('growth over many tiles of several levels is proven from what they hold', async () => {
  const many = await Promise.all(Array.from({ length: 1_000 }, (_, at) => leafHash(utf8(String(at)))));
  const read = async (path: string): Promise<Bytes> => {
    const [, level, index, , part] = /^tile\/(\d)\/(\d{3})(\.p\/(\d+))?$/.exec(path)!;
    const [from, count] = [Number(index) * 256, Number(part ?? 256)];
    const hashes =
      level === '0'
        ? many.slice(from, from + count)
        : await Promise.all(
            Array.from({ length: count }, (_, at) => rootOf(many.slice((from + at) * 256, (from + at + 1) * 256))),
          );
    const bytes = new Uint8Array(count * 32);
    hashes.forEach((hash, at) => bytes.set(hash, at * 32));
    return bytes;
  };
  const newer = { size: 1_000n, root: await rootOf(many) };
  for (const older of [1, 255, 256, 257, 512, 700, 999]) {
    const proof = await growthProof(BigInt(older), 1_000n, read);
    await checkGrowth({ size: BigInt(older), root: await rootOf(many.slice(0, older)) }, newer, proof);
  }
});

test('a note is believed if it is signed, and only as it was signed', async () => {
  const key = await readKey(peter);
  const read = readNote(utf8(note));
  await checkSignature(read, key);
  expect(writeNote(read)).toBe(note);
  await expect(checkSignature(readNote(utf8(note.replace('answer', 'Answer'))), key)).rejects.toMatchObject({
    fault: 'wrongSignature',
  });
  await expect(checkSignature(read, await readKey(archeKey))).rejects.toMatchObject({ fault: 'notSigned' });
  expect(() => readNote(utf8(note.slice(0, -1)))).toThrow('noteForm');
  expect(() => readNote(utf8(note.replace('\n\n', '\n')))).toThrow('noteForm');
  expect(() => readNote(utf8(note.replace('— ', '- ')))).toThrow('signatureForm');
  expect(() => readNote(utf8(note.replace('your', 'you\rr')))).toThrow('noteForm');
});

test('a key is read in its one spelling', async () => {
  const wrong = [
    [peter.replace('c74f', 'c74e'), 'keyId'],
    [peter.slice(0, -1), 'keyForm'],
    [` ${peter}`, 'keyForm'],
    [peter.replace('+ARpc', '+BBpc'), 'keyKind'],
    ['x+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'keyWeak'],
    ['', 'keyForm'],
  ] as const;
  for (const [text, fault] of wrong) await expect(readKey(text), text).rejects.toMatchObject({ fault });
});

test('every bit of a signed checkpoint counts', async () => {
  const key = await readKey(archeKey);
  const bytes = utf8(archeCheckpoint);
  await checkSignature(checkpointOf(archeCheckpoint).note, key);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const believed = async () => checkSignature(readNote(flipped), key);
    await expect(believed(), `bit ${bit}`).rejects.toMatchObject({ name: 'Refusal' });
  }
});

test('a receipt is read in its one spelling', async () => {
  const receipt = await (await TestLog.of(6)).receipt(3);
  expect(readReceipt(utf8(receipt)).index).toBe(3n);
  expect(readReceipt(utf8(receipt.replace('index', 'extra AA==\nindex'))).path).toHaveLength(3);
  const wrong = [
    ['index 3', 'index 03', 'receiptIndex'],
    ['index 3', 'index -3', 'receiptIndex'],
    ['@v1', '@v2', 'receiptForm'],
    ['index', 'extra AB==\nindex', 'receiptForm'],
    ['index', 'extra \nindex', 'receiptForm'],
    ['index 3\n', '', 'receiptIndex'],
    ['=\n', '\n', 'receiptHash'],
  ] as const;
  for (const [from, to, fault] of wrong) {
    expect(() => readReceipt(utf8(receipt.replace(from, to))), to).toThrow(fault);
  }
  expect(() => readReceipt(utf8(receipt.replaceAll('\n\n', '\n')))).toThrow('receiptForm');
  expect(readCount('9223372036854775807')).toBe(2n ** 63n - 1n);
  for (const digits of ['9223372036854775808', '01', '', '1e3', '-1', ' 1']) expect(readCount(digits)).toBeNull();
});

test('JSON becomes canonical as RFC 8785 has it', () => {
  const value = JSON.parse(
    String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0],` +
      String.raw`"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
  ) as Json;
  expect(canonical(value)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],` +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  expect(canonical(JSON.parse('{"\\ud83d\\ude00":1,"\\ufb33":2,"1":3,"":4,"__proto__":5}') as Json)).toBe(
    '{"":4,"1":3,"__proto__":5,"😀":1,"\ufb33":2}',
  );
  expect(() => canonical(Infinity)).toThrow('notJson');
  expect(() => canonical('\ud800')).toThrow('notJson');
});

test('a text that is not canonical already is not read', () => {
  expect(readCanonical('{"a":[1,"€"],"b":null}')).toEqual({ a: [1, '€'], b: null });
  for (const wrong of [
    '',
    '{"b":1,"a":1}',
    '{"a":1,"a":1}',
    '{"a": 1}',
    '[1.0]',
    '[1e3]',
    '"\\u0041"',
    '"\\ud800"',
    '1e400',
    '[-0]',
    '\ufeff1',
    '{"a":1}\n',
    '['.repeat(100_000),
  ]) {
    expect(() => readCanonical(wrong), wrong.slice(0, 20)).toThrow('entryForm');
  }
});

test('the hashes of an entry are golden', async () => {
  // Computed by Python, for the tests in C# as well.
  const entry = JSON.parse(
    String.raw`{"version":3,"type":"promise_made","tenant":"acme","position":41,` +
      String.raw`"stream":"customer-0197a3b2","recordedAt":"2026-03-01T08:30:15.123456Z",` +
      String.raw`"id":"0197a3b2-5c6d-7e8f-9a0b-1c2d3e4f5a6b","headers":{"source": "api", "actor": {"kind": "member",` +
      String.raw`"id": "m-1"}},"data":{"promiseId":"p-1","kind":"call_back","dueAt":"2026-03-02T09:00:00.000000Z",` +
      String.raw`"conditions":"Zur\u00fcckrufen € 😀 \u2028","amounts":[12.50,1e21,0.0000001,-0,-3],` +
      String.raw`"\ufb33":1,"\ud83d\ude00":2,"done":false,"none":null},` +
      String.raw`"correlation":"corr \"1\"\n","causation":"cause-é"}`,
  ) as Json;
  const hash = await sha256(utf8(canonical(entry)));
  expect(toHex(hash)).toBe('15df8780f8fdc657d751c7ccf148688e336eb435f195f5e27f5fb66b6c6c0774');
  expect(toHex(await leafHash(hash))).toBe('ea2d9bf136b57225af3100ef4072e582691c85203a423ef94db2d7e7e99f0859');
});

test('base64 has one spelling', () => {
  for (const text of ['', 'AA==', 'AAA=', 'AAAA', '+/+/']) expect(toBase64(fromBase64(text)!)).toBe(text);
  const others = ['A', 'AA', 'AB==', 'AAB=', 'AA=A', ' AA=', '-_-_', 'AAAA\n'];
  for (const text of others) expect(fromBase64(text), text).toBeNull();
});
