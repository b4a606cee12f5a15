import { demand, type Fault, Refusal } from './refusal.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * The JSON Canonicalization Scheme (RFC 8785) of a parsed value. It takes names in the order of their UTF-16 units, as
 * `sort` does, and numbers and strings as ECMAScript writes them, as `JSON.stringify` does.
 */
export function canonical(value: Json, fault: Fault = 'notJson'): string {
  if (typeof value === 'number') demand(Number.isFinite(value), fault);
  if (typeof value === 'string') demand(isWellFormed(value), fault);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonical(item, fault)).join(',')}]`;
  const members = value as { readonly [name: string]: Json };
  return `{${Object.keys(members)
    .sort()
    .map((name) => `${canonical(name, fault)}:${canonical(members[name]!, fault)}`)
    .join(',')}}`;
}

/**
 * Reads a text that must be in canonical form already. What it lets pass has one spelling only: a name given twice, a
 * number written otherwise or a blank would come back as another text.
 */
export function readCanonical(text: string): Json {
  let value: Json;
  let again: string;
  try {
    value = JSON.parse(text) as Json;
    again = canonical(value, 'entryForm');
  } catch {
    throw new Refusal('entryForm'); // also nesting that is deeper than the browser can follow
  }
  demand(again === text, 'entryForm');
  return value;
}

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
