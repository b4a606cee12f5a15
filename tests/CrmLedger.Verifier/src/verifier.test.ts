import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { canonicalize, parseJson } from './json.ts';
import { emptyRoot, leafHash, nodeHash, rootOfPath, treeRoot, verifyConsistency, verifyInclusion } from './merkle.ts';
import { answer } from './requests.ts';
import { percentDecode } from './text.ts';

const ask = (request: object) => JSON.parse(answer(Buffer.from(JSON.stringify(request)))) as Record<string, unknown>;
const faultOf = (request: object) => ask(request)['fault'];
const base64 = (hash: Buffer) => hash.toString('base64');

// The entries and roots that Certificate Transparency implementations share.
const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const leaves = entries.map((entry) => leafHash(Buffer.from(entry, 'hex')));
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
].map((root) => Buffer.from(root, 'hex'));

// From golang.org/x/mod/sumdb/note.
const peter = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
  + '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

// A checkpoint that a certificate log and one of its witnesses signed in 2026.
const log = 'arche2025h1.staging.ct.transparency.dev';
const checkpoint = `${log}\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n`
  + `— ${log} ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n`
  + '— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxt'
  + 'qB0DrAWfBw==\n';
const policy = {
  origin: log,
  logKeys: [`${log}+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f`],
  witnessKeys: ['remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'],
  requiredWitnesses: 1,
};

test('roots are the published ones', () => {
  for (let size = 0; size <= 8; size++) assert.deepEqual(treeRoot(leaves.slice(0, size)), roots[size]);
  assert.deepEqual(emptyRoot(), roots[0]);
});

test('an inclusion proof holds at its own place only', () => {
  const path = ['bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0', roots[4]!.toString('hex')]
    .map((hash) => Buffer.from(hash, 'hex'));
  for (let index = -1n; index <= 8n; index++) {
    assert.equal(verifyInclusion(leaves[5]!, index, 8n, path, roots[8]!), index === 5n);
  }
  assert.equal(verifyInclusion(leaves[5]!, 5n, 8n, path.slice(1), roots[8]!), false);
  assert.equal(verifyInclusion(leaves[5]!, 5n, 8n, [...path, roots[1]!], roots[8]!), false);
  assert.equal(rootOfPath(leaves[0]!, 0n, 2n ** 63n - 1n, path), null);
});

test('a consistency proof leads from its own size only', () => {
  const proof = [nodeHash(leaves[4]!, leaves[5]!), nodeHash(leaves[6]!, leaves[7]!), roots[4]!];
  for (let size = 1n; size <= 8n; size++) {
    assert.equal(verifyConsistency(size, roots[Number(size)]!, 8n, roots[8]!, proof), size === 6n);
    assert.equal(verifyConsistency(8n, roots[8]!, size, roots[Number(size)]!, []), size === 8n);
  }
  assert.equal(verifyConsistency(0n, roots[0]!, 8n, roots[8]!, []), true);
  assert.equal(verifyConsistency(0n, roots[1]!, 8n, roots[8]!, []), false);
  assert.equal(verifyConsistency(4n, roots[4]!, 8n, roots[8]!, [nodeHash(proof[0]!, proof[1]!)]), true);
});

test('a note is believed if it is signed, and only as it was signed', () => {
  assert.deepEqual(ask({ op: 'note', note, keys: [peter], id: 7 })['signers'],
    [{ name: 'PeterNeumann', kind: 'ed25519', time: null }]);
  assert.equal(faultOf({ op: 'note', note, keys: [] }), 'NotSigned');
  assert.equal(faultOf({ op: 'note', note: note.replace('answer', 'Answer'), keys: [peter] }), 'WrongSignature');
  assert.equal(faultOf({ op: 'note', note: note.slice(0, -1), keys: [peter] }), 'Malformed');
  assert.equal(faultOf({ op: 'note', note, keys: [peter.replace('c74f', 'c74e')] }), 'Malformed');
});

test('a bit flipped in a cosigned checkpoint is refused', () => {
  const bytes = Buffer.from(checkpoint);
  assert.equal(ask({ op: 'checkpoint', checkpoint, policy })['size'], '1432088532');
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(ask({ op: 'checkpoint', checkpointBase64: base64(flipped), policy })['ok'], false, `bit ${bit}`);
  }
});

test('what is wrong with a checkpoint is named', () => {
  const unwitnessed = checkpoint.slice(0, checkpoint.indexOf('— remora'));
  assert.equal(faultOf({ op: 'checkpoint', checkpoint: unwitnessed, policy }), 'TooFewWitnesses');
  assert.equal(faultOf({ op: 'checkpoint', checkpoint, policy: { ...policy, origin: 'other' } }), 'OtherLog');
  assert.equal(ask({ op: 'growth', older: checkpoint, newer: checkpoint, proof: [], policy })['ok'], true);
  assert.equal(
    faultOf({ op: 'growth', older: checkpoint, newer: checkpoint, proof: [base64(roots[1]!)], policy }),
    'NotConsistent');
});

test('a receipt is read strictly and its path followed', () => {
  const receipt = `c2sp.org/tlog-proof@v1\nextra AA==\nindex 5\n${base64(roots[1]!)}\n\n${checkpoint}`;
  const leaf = base64(leaves[0]!);
  assert.equal(faultOf({ op: 'receipt', receipt, leafHash: leaf, policy }), 'WrongPath');
  const edits = [['index 5', 'index 05'], ['AA==', 'AB=='], ['@v1', '@v2'], ['extra', 'Extra'], ['5\n', '5']];
  for (const [from, to] of edits) {
    assert.equal(
      faultOf({ op: 'receipt', receipt: receipt.replace(from!, to!), leafHash: leaf, policy }), 'Malformed', from);
  }
  assert.equal(
    faultOf({ op: 'receipt', receipt: receipt.replace('index 5', 'index 1432088532'), leafHash: leaf, policy }),
    'OutsideTree');
});

test('JSON becomes canonical as RFC 8785 has it', () => {
  const text = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0],`
    + String.raw`"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
  assert.equal(canonicalize(parseJson(text)),
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],`
    + '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}');
  assert.equal(canonicalize(parseJson('{"\\ud83d\\ude00":1,"\\ufb33":2,"1":3,"":4,"__proto__":5}')),
    '{"":4,"1":3,"__proto__":5,"😀":1,"\ufb33":2}');
  for (const wrong of ['', '{"a":1,"a":1}', '{"a":1,"\\u0061":1}', '"\\ud800"', '1e400', '01', '+1', '[1,]', '{"a"}',
    '\ufeff1', '1 1', '"\n"', "'a'", 'tru', '[', '"\\x"', '[1 2]', '{a:1}', 'NaN', '-', '1.', '.5']) {
    assert.throws(() => parseJson(wrong), { fault: 'Malformed' }, wrong);
  }
});

test('the hashes of an entry are golden', () => {
  // Computed by Python, for the C# tests as well.
  const line = String.raw`{"op":"entry","entry":{"version":3,"type":"promise_made","tenant":"acme","position":41,`
    + String.raw`"stream":"customer-0197a3b2","recordedAt":"2026-03-01T08:30:15.123456Z",`
    + String.raw`"id":"0197a3b2-5c6d-7e8f-9a0b-1c2d3e4f5a6b","headers":{"source": "api", "actor": {"kind": "member",`
    + String.raw`"id": "m-1"}},"data":{"promiseId":"p-1","kind":"call_back","dueAt":"2026-03-02T09:00:00.000000Z",`
    + String.raw`"conditions":"Zur\u00fcckrufen € 😀 \u2028","amounts":[12.50,1e21,0.0000001,-0,-3],`
    + String.raw`"\ufb33":1,"\ud83d\ude00":2,"done":false,"none":null},`
    + String.raw`"correlation":"corr \"1\"\n","causation":"cause-é"}}`;
  const { entryHash, leafHash } = JSON.parse(answer(Buffer.from(line))) as Record<string, string>;
  assert.equal(Buffer.from(entryHash!, 'base64').toString('hex'),
    '15df8780f8fdc657d751c7ccf148688e336eb435f195f5e27f5fb66b6c6c0774');
  assert.equal(Buffer.from(leafHash!, 'base64').toString('hex'),
    'ea2d9bf136b57225af3100ef4072e582691c85203a423ef94db2d7e7e99f0859');
  const unversioned = Buffer.from(line.replace('"version":3', '"version":0'));
  assert.equal((JSON.parse(answer(unversioned)) as { fault: string }).fault, 'Malformed');
});

test('a line that is no request is answered, not fatal', () => {
  const lines = ['', 'x', '[]', '{}', '{"op":"x"}', '{"op":"note"}', '{"op":"inclusion","index":1.5}', '"\\ud800"'];
  for (const line of lines) {
    assert.equal((JSON.parse(answer(Buffer.from(line))) as { ok: boolean }).ok, false, line);
  }
});

test('what is percent-encoded in another way is refused, not fatal', () => {
  assert.equal(percentDecode('p%20%C3%A9-1'), 'p é-1');
  for (const wrong of ['%', '%zz', 'p%one', '%c3%a9', '%C3', '%41', 'a b']) {
    assert.throws(() => percentDecode(wrong), { fault: 'Malformed' }, wrong);
  }
});

test('the program answers line by line, whatever the lines hold', () => {
  const input = Buffer.concat([
    Buffer.from('{"op":"canonical","json":"\\"\u2028\\"","id":1}\n\n{"op":"leaf","entry":"","id":2}\r\n'),
    Buffer.from([0xff, 0x0a]),
    Buffer.from('{"op":"root","leaves":[],"id":3}'),
  ]);
  const { stdout, status } = spawnSync(process.execPath, [new URL('cli.ts', import.meta.url).pathname], { input });
  const answers = stdout.toString().trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(status, 0);
  assert.deepEqual(answers.map(({ id, fault }) => id ?? fault), [1, 2, 'Malformed', 3]);
  assert.equal(answers[0]!['canonical'], '"\u2028"');
  assert.equal(answers[3]!['root'], base64(emptyRoot()));
});
