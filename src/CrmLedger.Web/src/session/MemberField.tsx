import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { keepPreviousData } from '@tanstack/react-query';
import { ledger, problemOf } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Field } from '../ui/Field.tsx';
import { useSettled } from '../ui/settled.ts';
import { useCaller } from './caller.ts';
import type { Member } from './me.ts';
import './member.css';

const shown = 8;

/** One of the members, found by name: type, choose with the arrow keys and Enter. */
export function MemberField({
  label = texts.record.member,
  value,
  choose,
  wrong,
}: {
  label?: string;
  value: Member | null;
  choose: (member: Member | null) => void;
  wrong?: string | null | undefined;
}) {
  const { tenant } = useCaller();
  const list = useId();
  const [text, setText] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const [entered, setEntered] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const find = useSettled((text ?? '').trim(), 150);
  const answer = ledger.useQuery(
    'get',
    '/v1/members',
    {
      params: { query: { limit: shown, ...(find === '' ? {} : { find }) } },
    },
    { enabled: text !== null, placeholderData: keepPreviousData },
  );
  const found: readonly Member[] = (answer.data?.items ?? []).map(({ memberId, member }) => ({
    memberId,
    name: member?.name ?? memberId,
    team: member?.team ?? null,
    tenant,
  }));
  const open = text !== null && answer.data !== undefined;
  // The list is still that of what was typed before: nobody is chosen from it by a key.
  const isOld = find !== (text ?? '').trim() || answer.isPlaceholderData;
  const only = found.length === 1 ? found[0] : undefined;
  useEffect(() => {
    if (!entered || isOld || !open) return;
    setEntered(false);
    if (only !== undefined) take(only);
    else if (document.activeElement !== field.current) leave();
    // else the reader sees whom there are, and chooses
  }, [entered, isOld, open, only?.memberId]);

  function take(member: Member | undefined) {
    if (member === undefined) return;
    choose(member);
    leave();
  }

  function leave() {
    setText(null);
    setEntered(false);
  }

  function onKey(event: KeyboardEvent) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (text === null) setText('');
      else if (!isOld) setAt(Math.max(0, Math.min(found.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1))));
    } else if (event.key === 'Enter' && text !== null && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (isOld || !open) setEntered(true);
      else take(found[at]);
    } else if (event.key === 'Escape' && text !== null) {
      event.preventDefault(); // closes the list, not the dialog around it
      event.stopPropagation();
      leave();
    }
  }

  return (
    <div className="member-field">
      <Field
        label={label}
        hint={texts.record.memberHint}
        wrong={wrong ?? (answer.isError ? problemOf(answer.error).title : null)}
      >
        {(control) => (
          <input
            {...control}
            ref={field}
            className="input"
            role="combobox"
            autoComplete="off"
            aria-expanded={open}
            aria-controls={list}
            aria-autocomplete="list"
            aria-activedescendant={open && found[at] ? `${list}-${at}` : undefined}
            value={text ?? nameOf(value)}
            onChange={(event) => {
              setText(event.target.value);
              setAt(0);
              setEntered(false);
              if (value !== null) choose(null);
            }}
            onKeyDown={onKey}
            onBlur={() => {
              if (!entered) leave(); // else he has gone on typing and is waited for
            }}
          />
        )}
      </Field>
      <ul id={list} role="listbox" aria-label={label} hidden={!open}>
        {open &&
          found.map((member, index) => (
            <li
              key={member.memberId}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === at}
              onMouseDown={(event) => {
                event.preventDefault();
                take(member);
              }}
            >
              {nameOf(member)}
            </li>
          ))}
        {open && found.length === 0 && (
          <li role="option" aria-selected={false} aria-disabled="true">
            {texts.record.noMember}
          </li>
        )}
      </ul>
    </div>
  );
}

const nameOf = (member: Member | null): string =>
  member === null ? '' : member.team === null ? member.name : `${member.name} · ${member.team}`;
