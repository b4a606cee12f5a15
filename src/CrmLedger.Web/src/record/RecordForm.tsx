import { useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import type { Problem } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Dialog } from '../ui/Dialog.tsx';
import './record.css';

const say = texts.record;

/**
 * The frame of everything that is recorded: Ctrl or Cmd with Enter sends it from any field; Escape closes it, and asks
 * first where something was typed.
 */
export function RecordForm({
  title,
  close,
  send,
  busy,
  problem,
  fields,
  children,
}: {
  title: string;
  close: () => void;
  send: () => void;
  busy: boolean;
  problem: Problem | null;
  /** Which fields say themselves what is wrong with them. */
  fields: readonly string[];
  children: ReactNode;
}) {
  const [typed, setTyped] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const leave = () => (typed && !leaving ? setLeaving(true) : close());
  function onKey(event: KeyboardEvent) {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  }
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    send();
  }
  return (
    <Dialog title={title} close={leave}>
      <form className="recording" onSubmit={onSubmit} onKeyDown={onKey} onChange={() => setTyped(true)} noValidate>
        <h2>{title}</h2>
        {children}
        {problem && <Refused problem={problem} fields={fields} />}
        {leaving ? (
          <footer>
            <p className="hint" role="alert">
              {say.leave}
            </p>
            <button type="button" className="button" onClick={close}>
              {say.throwAway}
            </button>
            <button type="button" className="button primary" autoFocus onClick={() => setLeaving(false)}>
              {say.goOn}
            </button>
          </footer>
        ) : (
          <footer>
            <span className="muted small hint">{say.sendHint}</span>
            <button type="button" className="button" onClick={close}>
              {say.cancel}
            </button>
            <button className="button primary" disabled={busy}>
              {busy ? say.sending : say.send}
            </button>
          </footer>
        )}
      </form>
    </Dialog>
  );
}

/** That it was refused, and why, unless a field above says it. */
function Refused({ problem, fields }: { problem: Problem; fields: readonly string[] }) {
  const elsewhere = problem.errors?.filter(({ pointer }) => !fields.includes(pointer.split('/')[1] ?? '')) ?? [];
  const toldByFields = problem.errors !== undefined && elsewhere.length === 0;
  return (
    <div className="callout bad" role="alert">
      <strong>{say.refused}</strong>
      {problem.status === 0 ? <p>{say.silent}</p> : !toldByFields && <p>{problem.detail ?? problem.title}</p>}
    </div>
  );
}
