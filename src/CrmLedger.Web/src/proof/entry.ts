import type { Shapes } from '../api/client.ts';
import { type Bytes, textOf } from './bytes.ts';
import { canonical, readCanonical, type Json } from './canonical.ts';
import { demand } from './refusal.ts';

/** What was read of an entry: which of its texts are sealed, and so cannot be compared with what is shown. */
export type Entry = { readonly sealed: readonly string[] };

type Members = { readonly [name: string]: Json };

const sealedText = /^sealed\.1\.[0-9a-f]{32}\.[\w-]+$/;
const all = [
  'causation',
  'correlation',
  'data',
  'headers',
  'id',
  'position',
  'recordedAt',
  'stream',
  'tenant',
  'type',
  'version',
];

const isMembers = (value: Json | undefined): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads the exact bytes of an entry and holds them against what the reader is shown: every field must say the same, but
 * for sealed texts, of which the entry holds the sealed form.
 */
export function readEntry(line: Bytes, of: { tenant: string; shown: Shapes['ShownEvent'] }): Entry {
  const entry = readCanonical(textOf(line, 'entryForm'));
  demand(isMembers(entry) && Object.keys(entry).every((name) => all.includes(name)), 'entryForm');
  const { headers, data } = entry;
  demand(isMembers(headers) && isMembers(data), 'entryForm');
  const { shown } = of;
  same(entry['tenant'], of.tenant, 'tenant');
  for (const [name, value] of Object.entries({
    id: shown.id,
    type: shown.type,
    stream: shown.stream,
    version: shown.version,
    position: shown.position,
    recordedAt: shown.recordedAt,
    correlation: shown.correlationId,
    causation: shown.causationId,
  }))
    same(entry[name], value, name);
  for (const [name, value] of Object.entries({
    actor: shown.actor,
    occurredAt: shown.occurredAt,
    source: shown.source,
    importId: shown.importId,
    extensions: shown.extensions,
  }))
    same(headers[name], value, name);
  return { sealed: compareData(data, shown.data as Members) };
}

function compareData(entry: Members, shown: Members): string[] {
  const sealed: string[] = [];
  for (const name of new Set([...Object.keys(entry), ...Object.keys(shown)])) {
    const kept = entry[name];
    if (typeof kept === 'string' && sealedText.test(kept) && typeof shown[name] === 'string' && shown[name] !== kept) {
      sealed.push(name);
    } else {
      same(kept, shown[name], `data.${name}`);
    }
  }
  return sealed;
}

function same(kept: Json | undefined, shown: unknown, name: string): void {
  const form = (value: unknown) => (value === undefined || value === null ? null : canonical(value as Json));
  demand(form(kept) === form(shown), 'textAltered', name);
}

/** The line of an evidence bundle that holds an event, without its first word; null where there is none. */
export async function findEntry(bundle: ReadableStream<Bytes>, position: number): Promise<Bytes | null> {
  const mark = new RegExp(`,"position":${position},"recordedAt":`);
  for await (const line of linesOf(bundle)) {
    const text = new TextDecoder().decode(line);
    if (text.startsWith('event ') && mark.test(text)) return line.slice('event '.length);
  }
  return null;
}

async function* linesOf(stream: ReadableStream<Bytes>): AsyncGenerator<Bytes> {
  const reader = stream.getReader();
  let rest: Bytes = new Uint8Array(0);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const whole = new Uint8Array(rest.length + value.length);
      whole.set(rest);
      whole.set(value, rest.length);
      let start = 0;
      for (let end = whole.indexOf(10); end >= 0; end = whole.indexOf(10, start)) {
        yield whole.subarray(start, end);
        start = end + 1;
      }
      rest = whole.slice(start);
    }
  } finally {
    await reader.cancel(); // what comes after the line is not needed
  }
}
