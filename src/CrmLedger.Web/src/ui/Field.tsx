import { useId, type ReactNode } from 'react';

type Control = { id: string; 'aria-invalid': true | undefined; 'aria-describedby': string | undefined };

/** A labelled control with a hint, and with what was wrong with it. */
export function Field({
  label,
  hint,
  wrong,
  children,
}: {
  label: string;
  hint?: string | undefined;
  wrong?: string | null | undefined;
  /** Spread onto the control what it is given. */
  children: (control: Control) => ReactNode;
}) {
  const id = useId();
  const under = wrong ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-invalid': wrong ? true : undefined,
        'aria-describedby': under ? `${id}-under` : undefined,
      })}
      {under && (
        <span id={`${id}-under`} className={wrong ? 'wrong' : 'hint'}>
          {under}
        </span>
      )}
    </div>
  );
}
