import { useMemo, useState } from 'react';
import type { Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { useShortcut } from '../ui/shortcut.ts';
import { toast } from '../ui/Toast.tsx';
import { FollowUp } from './FollowUp.tsx';
import { GivenFeedback } from './GivenFeedback.tsx';
import { MadePromise } from './MadePromise.tsx';
import { recordings, type Recordable } from './recordings.ts';
import { Touchpoint } from './Touchpoint.tsx';

const say = texts.record;
const forms = { touchpoint: Touchpoint, promise: MadePromise, followUp: FollowUp, feedback: GivenFeedback } as const;

/** Buttons, and keys, that open what can be recorded about a customer. */
export function RecordActions({
  customerId,
  recorded,
}: {
  customerId: string;
  recorded: (answer: Shapes['CommandAnswer']) => void;
}) {
  const [open, setOpen] = useState<Recordable | null>(null);
  useShortcut(useMemo(() => Object.fromEntries(recordings.map(([key, what]) => [key, () => setOpen(what)])), []));
  const Form = open === null ? null : forms[open];
  return (
    <div className="actions">
      {recordings.map(([key, what]) => (
        <button
          key={what}
          type="button"
          className={`button ${what === 'touchpoint' ? 'primary' : ''}`}
          aria-keyshortcuts={key}
          onClick={() => setOpen(what)}
        >
          {say[what]}
          <kbd aria-hidden="true">{key.toUpperCase()}</kbd>
        </button>
      ))}
      {Form !== null && (
        <Form
          customerId={customerId}
          close={() => setOpen(null)}
          recorded={(what, answer) => {
            setOpen(null);
            toast(say.recorded(what));
            recorded(answer);
          }}
        />
      )}
    </div>
  );
}
