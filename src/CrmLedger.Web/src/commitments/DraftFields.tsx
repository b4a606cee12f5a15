import { MemberField } from '../session/MemberField.tsx';
import { texts } from '../texts.ts';
import { Field } from '../ui/Field.tsx';
import { fieldsOf, type Action, type Cause, type Draft } from './commitment.ts';
import { inDays, toLocal } from './localTime.ts';

export type Wrongs = Partial<Record<keyof Draft, string>>;

const causes = Object.entries(texts.commitments.causes) as readonly (readonly [Cause, string])[];

type Given = { draft: Draft; wrongs: Wrongs; change: (changes: Partial<Draft>) => void };

/** The controls that an action needs. */
export function DraftFields({ action, ...given }: Given & { action: Action }) {
  return (
    <>
      {fieldsOf(action).map((field) => (
        <One key={field} field={field} {...given} />
      ))}
    </>
  );
}

function One({ field, draft, wrongs, change }: Given & { field: keyof Draft }) {
  const { fields, hints } = texts.commitments;
  switch (field) {
    case 'due':
      return <DueField draft={draft} wrongs={wrongs} change={change} />;
    case 'at':
      // Most often it is now: the focus stays on what sends it, and the time is for who wants another one.
      return (
        <Field label={fields.at} hint={hints.at} wrong={wrongs.at}>
          {(control) => (
            <input
              {...control}
              className="input"
              type="datetime-local"
              max={toLocal(new Date())}
              value={draft.at}
              onChange={(event) => change({ at: event.target.value })}
            />
          )}
        </Field>
      );
    case 'reason':
      return (
        <Field label={fields.reason} hint={hints.reason} wrong={wrongs.reason}>
          {(control) => (
            <input
              {...control}
              className="input"
              maxLength={500}
              value={draft.reason}
              onChange={(event) => change({ reason: event.target.value })}
            />
          )}
        </Field>
      );
    case 'agreed':
      return (
        <label className="row">
          <input
            type="checkbox"
            checked={draft.agreed}
            onChange={(event) => change({ agreed: event.target.checked })}
          />
          {fields.agreed}
        </label>
      );
    case 'cause':
      return (
        <Field label={fields.cause} wrong={wrongs.cause}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={draft.cause}
              onChange={(event) => change({ cause: event.target.value as Cause | '' })}
            >
              <option value="">{texts.commitments.choose}</option>
              {causes.map(([cause, name]) => (
                <option key={cause} value={cause}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      );
    case 'note':
      return (
        <Field label={fields.note} hint={hints.note} wrong={wrongs.note}>
          {(control) => (
            <textarea
              {...control}
              className="input"
              value={draft.note}
              onChange={(event) => change({ note: event.target.value })}
            />
          )}
        </Field>
      );
    case 'to':
      return <MemberField label={fields.to} value={draft.to} wrong={wrongs.to} choose={(to) => change({ to })} />;
  }
}

function DueField({ draft, wrongs, change }: Given) {
  const { quick, fields } = texts.commitments;
  const choices = [
    [quick.tomorrow, 1],
    [quick.threeDays, 3],
    [quick.week, 7],
  ] as const;
  return (
    <div className="stack-small">
      <Field label={fields.due} wrong={wrongs.due}>
        {(control) => (
          <input
            {...control}
            className="input"
            type="datetime-local"
            min={toLocal(new Date())}
            value={draft.due}
            onChange={(event) => change({ due: event.target.value })}
          />
        )}
      </Field>
      <div className="row" role="group" aria-label={quick.label}>
        {choices.map(([name, days]) => (
          <button
            key={days}
            type="button"
            className="button small"
            onClick={() => change({ due: inDays(new Date(), days, draft.due) })}
          >
            {name}
          </button>
        ))}
      </div>
    </div>
  );
}
