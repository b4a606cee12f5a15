import { wellFormed } from './refusal.ts';

/** A Map, not an object: "__proto__" is a name like any other, and no number-like name comes first. */
export type Json = null | boolean | number | string | Json[] | Map<string, Json>;

const MAX_DEPTH = 1000;

/** RFC 8259, and of RFC 7493: no name twice in an object, no lone surrogate, no number that no double holds. */
export function parseJson(text: string): Json {
  wellFormed(text.isWellFormed(), 'a lone surrogate');
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

/** RFC 8785: names by UTF-16 code units, numbers and strings as ECMAScript writes them. */
export function canonicalize(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalize).join(',')}]`;
  if (value instanceof Map) {
    const names = [...value.keys()].sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalize(value.get(name)!)}`).join(',')}}`;
  }
  if (value === null || typeof value === 'boolean') return String(value);
  wellFormed(typeof value === 'string' || Number.isFinite(value), 'a number that no double holds');
  return JSON.stringify(value);
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#space();
    wellFormed(this.#at === this.#text.length, `something after the value, at ${this.#at}`);
  }

  value(depth: number): Json {
    this.#space();
    switch (this.#text[this.#at]) {
      case '{': return this.#object(depth + 1);
      case '[': return this.#array(depth + 1);
      case '"': return this.#string();
      case 't': return this.#word('true', true);
      case 'f': return this.#word('false', false);
      case 'n': return this.#word('null', null);
      default: return this.#number();
    }
  }

  #object(depth: number): Map<string, Json> {
    wellFormed(depth <= MAX_DEPTH, 'nested too deeply');
    const members = new Map<string, Json>();
    this.#at++;
    this.#space();
    if (this.#takes('}')) return members;
    do {
      this.#space();
      wellFormed(this.#text[this.#at] === '"', `a member without a name, at ${this.#at}`);
      const name = this.#string();
      wellFormed(!members.has(name), `the name ${JSON.stringify(name)} twice in one object`);
      this.#space();
      wellFormed(this.#takes(':'), `no colon after a name, at ${this.#at}`);
      members.set(name, this.value(depth));
      this.#space();
    } while (this.#takes(','));
    wellFormed(this.#takes('}'), `an object that does not end, at ${this.#at}`);
    return members;
  }

  #array(depth: number): Json[] {
    wellFormed(depth <= MAX_DEPTH, 'nested too deeply');
    const items: Json[] = [];
    this.#at++;
    this.#space();
    if (this.#takes(']')) return items;
    do {
      items.push(this.value(depth));
      this.#space();
    } while (this.#takes(','));
    wellFormed(this.#takes(']'), `an array that does not end, at ${this.#at}`);
    return items;
  }

  #string(): string {
    // One literal at a time JSON.parse may be trusted with: it knows every escape and refuses control characters.
    const literal = this.#matches(/"(?:[^"\\]|\\.)*"/ys);
    wellFormed(literal !== undefined, `a string that does not end, at ${this.#at}`);
    let text;
    try {
      text = JSON.parse(literal) as string;
    } catch {
      wellFormed(false, `an invalid string before ${this.#at}`);
    }
    wellFormed(text.isWellFormed(), `a lone surrogate before ${this.#at}`);
    return text;
  }

  #number(): number {
    const literal = this.#matches(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y);
    wellFormed(literal !== undefined, `no value at ${this.#at}`);
    const value = Number(literal);
    wellFormed(Number.isFinite(value), `a number that no double holds before ${this.#at}`);
    return value;
  }

  #word<T>(word: string, value: T): T {
    wellFormed(this.#text.startsWith(word, this.#at), `no value at ${this.#at}`);
    this.#at += word.length;
    return value;
  }

  #space(): void {
    this.#matches(/[ \t\r\n]*/y);
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #matches(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}
