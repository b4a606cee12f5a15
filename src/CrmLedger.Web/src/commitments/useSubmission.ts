import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { problemOf, type Problem } from '../api/client.ts';
import { useCaller } from '../session/caller.ts';
import type { Action, Commitment } from './commitment.ts';
import { sendStep, type Answer, type Step } from './steps.ts';
import { readNews, readSeen, type Event, type Seen } from './version.ts';

/** How far it has come. */
export type Phase =
  | { readonly is: 'editing' }
  | { readonly is: 'sending' }
  /** Nobody answers; it is sent again by itself. */
  | { readonly is: 'silent' }
  /** Something was recorded since the reader looked. */
  | { readonly is: 'stale'; readonly news: readonly Event[]; readonly partly: boolean }
  /** `partly`: the first of two commands is recorded, the second is not. */
  | { readonly is: 'refused'; readonly problem: Problem; readonly partly: boolean };

/** What was sent: it stays the same submission, with the same keys, for as long as nobody said what became of it. */
type Submission = {
  readonly of: string;
  readonly steps: readonly Step[];
  keys: string[];
  done: number;
  silent: boolean;
};

/**
 * Sends commands in their order, each decided on the version that the reader saw. An answer that was lost is asked for
 * again with the same key, so that nothing is recorded twice.
 */
export function useSubmission(action: Action, opened: Commitment, done: (answer: Answer) => void) {
  const [it] = useState(opened); // as the reader saw it: what is asked anew behind the dialog moves no version
  const caller = useCaller();
  const known = useQueryClient();
  const [phase, setPhase] = useState<Phase>({ is: 'editing' });
  const [seen, setSeen] = useState<Seen | null>(null);
  const version = useRef<number | null | undefined>(undefined);
  const pending = useRef<Submission | null>(null);
  const gone = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const look = useCallback(async () => {
    const now = await readSeen(it, caller);
    version.current = now.version;
    if (!gone.current) setSeen(now);
  }, [it, caller]);

  useEffect(() => {
    gone.current = false;
    look().catch(() => {}); // it is read again before anything is sent
    return () => {
      gone.current = true;
      clearTimeout(timer.current);
      // Left before it was known what became of it: what the page shows may be old.
      if (pending.current !== null) void known.invalidateQueries();
    };
  }, [look, known]);

  async function run(submission: Submission): Promise<void> {
    if (version.current === undefined) await look();
    let answer: Answer | null = null;
    while (submission.done < submission.steps.length) {
      const match = version.current == null ? {} : { 'If-Match': `"${version.current}"` };
      answer = await sendStep(submission.steps[submission.done]!, {
        ...match,
        'Idempotency-Key': submission.keys[submission.done]!,
      });
      version.current = version.current == null ? version.current : answer.streamVersion;
      submission.done += 1;
    }
    pending.current = null;
    if (answer !== null) done(answer);
  }

  async function explain(submission: Submission, thrown: unknown): Promise<void> {
    const problem = problemOf(thrown);
    if (problem.status === 0 || problem.status >= 500) {
      setPhase({ is: 'silent' });
      // What stands behind it may be old, too: once asked, it says so, and comes back by itself.
      if (!submission.silent) void known.invalidateQueries();
      submission.silent = true;
      timer.current = setTimeout(() => void attempt(submission), 2_000);
      return;
    }
    submission.silent = false;
    submission.keys = submission.steps.map(() => crypto.randomUUID()); // it is known that it was not recorded
    if (problem.status !== 412 || version.current == null) {
      setPhase({ is: 'refused', problem, partly: submission.done > 0 });
      return;
    }
    try {
      const news = await readNews(it, version.current, caller);
      await look();
      setPhase({ is: 'stale', news, partly: submission.done > 0 });
    } catch (again) {
      await explain(submission, again);
    }
  }

  async function attempt(submission: Submission): Promise<void> {
    clearTimeout(timer.current);
    if (gone.current || pending.current !== submission) return;
    setPhase((before) => (before.is === 'silent' ? before : { is: 'sending' }));
    try {
      await run(submission);
    } catch (thrown) {
      if (!gone.current) await explain(submission, thrown);
    }
  }

  /** Sends; what was sent before and is not known to have failed is sent on and not anew. */
  function send(steps: readonly Step[]): void {
    const of = JSON.stringify([action, steps.map((step) => step.body)]);
    if (pending.current?.of !== of) {
      pending.current = { of, steps, keys: steps.map(() => crypto.randomUUID()), done: 0, silent: false };
    }
    void attempt(pending.current);
  }

  return { phase, seen, send };
}
