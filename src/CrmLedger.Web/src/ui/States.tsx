import type { ReactNode } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from 'wouter';
import { problemOf } from '../api/client.ts';
import { texts } from '../texts.ts';

/** A grey place of the size of what is to come, so that nothing jumps. */
export function Loading({ height = 160 }: { height?: number }) {
  return (
    <div role="status" aria-label={texts.states.loading}>
      <div className="skeleton" style={{ height }} />
    </div>
  );
}

export function Empty({ title = texts.states.empty, children }: { title?: string; children?: ReactNode }) {
  return (
    <div className="state">
      <h3>{title}</h3>
      {children}
    </div>
  );
}

/** Whoever asks the same again is told the same: there is no such thing, or nothing can be asked like that. */
const isFinal = new Set([404, 422]);

/** What the ledger said when it refused, field by field, and what can be done. */
export function Failed({ thrown, again }: { thrown: unknown; again?: () => void }) {
  const problem = problemOf(thrown);
  const title = problem.status === 403 ? texts.states.notAllowed : texts.states.failed;
  const said = problem.detail ?? problem.title;
  return (
    <div className="state" role="alert">
      <h3>{title}</h3>
      <p>{said}</p>
      {problem.errors
        ?.filter(({ detail }) => !said.includes(detail))
        .map((error) => (
          <p key={error.pointer}>{`${error.pointer}: ${error.detail}`}</p>
        ))}
      {again &&
        problem.status !== 403 &&
        (isFinal.has(problem.status) ? (
          <Link href="/" className="button">
            {texts.states.home}
          </Link>
        ) : (
          <button type="button" className="button" onClick={again}>
            {texts.states.again}
          </button>
        ))}
    </div>
  );
}

/** An answer in its four states: on its way, refused, empty, there. */
export function Answered<T>({
  to,
  height,
  empty,
  children,
}: {
  to: UseQueryResult<T, unknown>;
  height?: number;
  /** What stands where the answer has nothing in it; null where it has. */
  empty?: (answer: T) => ReactNode;
  children: (answer: T) => ReactNode;
}) {
  if (to.data === undefined) {
    return to.isError ? (
      <Failed thrown={to.error} again={() => void to.refetch()} />
    ) : (
      <Loading {...(height ? { height } : {})} />
    );
  }
  return <>{empty?.(to.data) ?? children(to.data)}</>;
}
