import { useEffect, useRef, useState, type FormEvent } from 'react';
import { texts } from '../texts.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Time } from '../ui/Time.tsx';
import { formatCount } from '../ui/format.ts';
import { emptyDraft, fieldAt, fieldsOf, lacksOf, type Action, type Commitment, type Draft } from './commitment.ts';
import { DraftFields, type Wrongs } from './DraftFields.tsx';
import { nameOfEvent, whoRecorded } from './eventNames.ts';
import { stepsOf, type Answer } from './steps.ts';
import { useSubmission, type Phase } from './useSubmission.ts';
import type { Event } from './version.ts';
import './commitments.css';

/** Asks what an action needs, sends it, and says what became of it. What was typed stays until it is recorded. */
export function ActDialog({
  action,
  it,
  close,
  done,
}: {
  action: Action;
  it: Commitment;
  close: () => void;
  done: (answer: Answer) => void;
}) {
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [wrongs, setWrongs] = useState<Wrongs>({});
  const { phase, seen, send } = useSubmission(action, it, done);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // A time that need not be given is passed over: Enter is enough.
    const first = fieldsOf(action)[0] === 'at' ? 'button.primary' : 'input, select, textarea';
    form.current?.querySelector<HTMLElement>(first)?.focus();
  }, [action]);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [wrongs, phase]);
  const shown = { ...wrongs, ...(phase.is === 'refused' ? wrongsOf(phase) : {}) };

  function submit(event: FormEvent) {
    event.preventDefault();
    const lacks = lacksOf(action, draft, Date.now());
    setWrongs(Object.fromEntries(Object.entries(lacks).map(([field, lack]) => [field, texts.commitments.lacks[lack]])));
    if (Object.keys(lacks).length === 0) send(stepsOf(action, it, draft));
  }

  const title = texts.commitments.titles[action];
  const proposed = seen?.promise?.proposedDue;
  return (
    <Dialog title={title} close={close}>
      <form ref={form} onSubmit={submit} noValidate>
        <div className="stack-small">
          <h2>{title}</h2>
          <p>
            <strong>{it.customer}</strong>
            {' · '}
            <span className="said">{it.what}</span>
          </p>
          <p className="muted small">
            {texts.today.due} <Time at={seen?.promise?.bindingDue ?? it.bindingDue} />
            {proposed && (
              <>
                {` · ${texts.commitments.proposed} `}
                <Time at={proposed} />
              </>
            )}
          </p>
          <p className="muted">{texts.commitments.leads[action]}</p>
        </div>
        <DraftFields
          action={action}
          draft={draft}
          wrongs={shown}
          change={(changes) => setDraft({ ...draft, ...changes })}
        />
        <Became phase={phase} it={it} />
        <footer>
          <button type="button" className="button" onClick={close}>
            {texts.commitments.cancel}
          </button>
          <button className="button primary" disabled={phase.is === 'sending'}>
            {sendLabel(action, draft, phase)}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function sendLabel(action: Action, draft: Draft, phase: Phase): string {
  switch (phase.is) {
    case 'sending':
      return texts.commitments.sending;
    case 'silent':
      return texts.commitments.now;
    case 'stale':
      return texts.commitments.again;
    default:
      return action === 'newDate' && draft.agreed ? texts.commitments.sendBoth : texts.commitments.sends[action];
  }
}

const wrongsOf = (phase: Phase & { is: 'refused' }): Wrongs =>
  Object.fromEntries(
    (phase.problem.errors ?? [])
      .map((error) => [fieldAt(error.pointer), error.detail])
      .filter(([field]) => field !== null),
  );

/** Whether an event is of the very promise or follow-up, and not of another one of the customer's. */
const isAbout = ({ data }: Event, it: Commitment): boolean =>
  (data as Readonly<Record<string, unknown>>)[it.sort === 'promise' ? 'promiseId' : 'followUpId'] === it.id;

/** What the reader has to know before he sends it again. */
function Became({ phase, it }: { phase: Phase; it: Commitment }) {
  const partly = 'partly' in phase && phase.partly ? <p>{texts.commitments.partly}</p> : null;
  switch (phase.is) {
    case 'silent':
      return (
        <div className="callout warn" role="alert">
          <p>{texts.commitments.silent}</p>
        </div>
      );
    case 'refused':
      return (
        <div className="callout bad" role="alert">
          {partly}
          <strong>{texts.commitments.refused}</strong>
          <p>{phase.problem.detail ?? phase.problem.title}</p>
        </div>
      );
    case 'stale':
      return (
        <div className="callout warn" role="alert">
          {partly}
          <p>{texts.commitments.stale}</p>
          {phase.news.length === 0 ? (
            <p>{texts.commitments.staleUnseen}</p>
          ) : (
            <ul className="news">
              {phase.news.slice(-8).map((event) => (
                <li key={event.id}>
                  <strong>{nameOfEvent(event.type)}</strong>{' '}
                  {isAbout(event, it) && <span className="badge warn">{texts.commitments.thisOne}</span>}{' '}
                  <Time at={event.recordedAt} as="distance" />{' '}
                  <span className="muted">{texts.commitments.by(whoRecorded(event.actor))}</span>
                </li>
              ))}
              {phase.news.length > 8 && <li>{`… ${formatCount(phase.news.length)}`}</li>}
            </ul>
          )}
        </div>
      );
    default:
      return null;
  }
}
