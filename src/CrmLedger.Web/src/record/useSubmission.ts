import { useRef, useState } from 'react';
import { problemOf, type Problem, type Shapes } from '../api/client.ts';

type Answer = Shapes['CommandAnswer'];

/**
 * Sends what somebody filled in. Sent again unchanged, after an answer that was lost, it carries the same
 * Idempotency-Key, so that nothing is recorded twice. It adds and alters nothing that he saw, so it names no version:
 * what others record meanwhile does not stand in its way.
 */
export function useSubmission(done: (answer: Answer) => void) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const last = useRef({ body: '', key: '' });

  async function submit<Body extends object>(
    body: Body,
    send: (body: Body, key: string) => Promise<{ data?: Answer | undefined; error?: unknown }>,
  ) {
    if (busy) return;
    const written = JSON.stringify(body);
    if (last.current.body !== written) last.current = { body: written, key: crypto.randomUUID() };
    setBusy(true);
    setProblem(null);
    try {
      const { data, error } = await send(body, last.current.key);
      if (data === undefined) throw error;
      done(data);
    } catch (thrown) {
      setProblem(problemOf(thrown));
      setBusy(false);
    }
  }

  return { submit, busy, problem };
}

/** What the ledger says is wrong with a field. */
export const wrongAt = (problem: Problem | null, field: string): string | null =>
  problem?.errors?.find(({ pointer }) => pointer === `/${field}` || pointer.startsWith(`/${field}/`))?.detail ?? null;

/** A filled-in text, or nothing at all where there is none. */
export const filled = <Name extends string>(name: Name, text: string): Partial<Record<Name, string>> =>
  (text.trim() === '' ? {} : { [name]: text.trim() }) as Partial<Record<Name, string>>;
