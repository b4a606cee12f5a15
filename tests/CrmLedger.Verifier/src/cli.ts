#!/usr/bin/env node
import { once } from 'node:events';
import { answer } from './requests.ts';

for await (const line of lines(process.stdin)) {
  if (line.length === 0) continue;
  if (!process.stdout.write(`${answer(line)}\n`)) await once(process.stdout, 'drain');
}

/** Lines end at newline only. (node:readline ends them at U+2028 too, which JSON strings may hold.) */
async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      yield Buffer.concat([...begun, chunk.subarray(start, end)]);
      begun = [];
      start = end + 1;
    }
    begun.push(chunk.subarray(start));
  }
  yield Buffer.concat(begun);
}
