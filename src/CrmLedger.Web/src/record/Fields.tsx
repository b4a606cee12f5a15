import { useState } from 'react';
import { MemberField } from '../session/MemberField.tsx';
import { setMe, useMe, type Member } from '../session/me.ts';
import { texts } from '../texts.ts';
import { Field } from '../ui/Field.tsx';

type Common = {
  label: string;
  value: string;
  change: (value: string) => void;
  wrong?: string | null;
  hint?: string;
};

export function Words({
  label,
  value,
  change,
  wrong,
  hint,
  most,
  long = false,
}: Common & {
  most: number;
  long?: boolean;
}) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(control) =>
        long ? (
          <textarea
            {...control}
            className="input"
            rows={3}
            maxLength={most}
            value={value}
            onChange={(event) => change(event.target.value)}
          />
        ) : (
          <input
            {...control}
            className="input"
            maxLength={most}
            value={value}
            autoComplete="off"
            onChange={(event) => change(event.target.value)}
          />
        )
      }
    </Field>
  );
}

export function Choice({
  label,
  value,
  change,
  wrong,
  hint,
  options,
}: Common & {
  options: readonly (readonly [string, string])[];
}) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(control) => (
        <select {...control} className="input" value={value} onChange={(event) => change(event.target.value)}>
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function When({ label, value, change, wrong, hint }: Common) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(control) => (
        <input
          {...control}
          className="input"
          type="datetime-local"
          value={value}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Field>
  );
}

/** Who of us it is: the reader himself, unless he says otherwise; whether he was known when it was opened. */
export function useMember() {
  const me = useMe();
  const [member, setMember] = useState<Member | null>(me);
  const [isMe, setIsMe] = useState(me === null);
  const [unknown] = useState(me === null);
  return {
    me,
    member,
    setMember,
    isMe,
    setIsMe,
    unknown,
    /** Remembers the reader, where he said that it is he. */
    keep: () => {
      if (isMe && member !== null) setMe(member);
    },
  };
}

export function MemberLine({ of, wrong }: { of: ReturnType<typeof useMember>; wrong: string | null }) {
  // Where nobody knows the reader it is there from the beginning: Tab leads to the same fields however fast he is.
  const other = of.unknown || (of.member !== null && of.member.memberId !== of.me?.memberId);
  return (
    <div className="member-line">
      <MemberField value={of.member} choose={of.setMember} wrong={wrong} />
      {other && (
        <label className="row small">
          <input type="checkbox" checked={of.isMe} onChange={(event) => of.setIsMe(event.target.checked)} />
          {texts.record.me}
        </label>
      )}
    </div>
  );
}
