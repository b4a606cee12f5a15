import { useState, type FormEvent } from 'react';
import { useCaller } from '../session/caller.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { Field } from '../ui/Field.tsx';
import { formatMoment } from '../ui/format.ts';
import { toast } from '../ui/Toast.tsx';
import { useCheckAgain, type LogProof } from './gather.ts';
import { forget, knownOf, remember } from './known.ts';
import { readKey } from './note.ts';
import { Refusal } from './refusal.ts';

const words = texts.proof.trust;

/** Which key the proof was checked with, where it is from, and a place to give one that is from elsewhere. */
export function KeyCard({ found }: { found: LogProof }) {
  const { tenant } = useCaller();
  const again = useCheckAgain();
  const [given, setGiven] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const { findings, before } = found;
  const known = before === 'damaged' ? null : before;
  const key = findings.key?.text ?? null;

  async function pin(text: string) {
    const trimmed = text.trim();
    try {
      await readKey(trimmed);
    } catch (thrown) {
      setWrong(thrown instanceof Refusal ? texts.proof.faults[thrown.fault] : texts.proof.facts.subtle);
      return;
    }
    const now = knownOf(tenant);
    remember(tenant, {
      key: trimmed,
      since: new Date().toISOString(),
      pinned: true,
      checkpoint: now !== null && now !== 'damaged' ? now.checkpoint : null,
    });
    toast(trimmed === key ? words.same : words.differs);
    setWrong(null);
    setGiven('');
    await again();
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    void pin(given);
  }

  return (
    <Card title={words.title} note={sourceOf(known, key)}>
      <div className="stack">
        {key !== null && <code className="whole-key">{key}</code>}
        <p className="muted">{words.lead}</p>
        <form className="key-form" onSubmit={submit} noValidate>
          <Field label={words.label} hint={words.hint} wrong={wrong}>
            {(control) => (
              <input
                {...control}
                className="input"
                value={given}
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => setGiven(event.target.value)}
              />
            )}
          </Field>
          <div className="row">
            <button className="button">{words.compare}</button>
            {key !== null && known?.pinned !== true && (
              <button type="button" className="button quiet" onClick={() => void pin(key)}>
                {words.confirm}
              </button>
            )}
            <button
              type="button"
              className="button quiet"
              onClick={() => {
                forget(tenant);
                toast(words.forgotten);
                void again();
              }}
            >
              {words.forget}
            </button>
          </div>
        </form>
      </div>
    </Card>
  );
}

function sourceOf(known: Exclude<LogProof['before'], 'damaged'>, key: string | null): string {
  if (key === null) return words.none;
  if (known === null) return words.first;
  return (known.pinned ? words.pinned : words.seen)(formatMoment(known.since));
}
