import { useState } from 'react';
import type { Problem } from '../api/client.ts';
import { texts } from '../texts.ts';
import { fromField, tomorrowEvening } from './due.ts';
import { useMember } from './Fields.tsx';
import { wrongAt } from './useSubmission.ts';

/** By when something is owed and by whom, as a form asks for it. */
export function useOwed() {
  const who = useMember();
  const [due, setDue] = useState(() => tomorrowEvening(new Date()));
  const [missing, setMissing] = useState<{ due?: string; memberId?: string }>({});

  /** Both, or null where one is missing, which the form then says. */
  function check(): { dueAt: string; memberId: string } | null {
    const dueAt = fromField(due);
    const { member } = who;
    setMissing({
      ...(dueAt === null ? { due: texts.record.dueInvalid } : {}),
      ...(member === null ? { memberId: texts.record.memberMissing } : {}),
    });
    return dueAt === null || member === null ? null : { dueAt, memberId: member.memberId };
  }

  /** What is wrong with each, by what is missing or by what the ledger refused. */
  const wrongs = (problem: Problem | null) => ({
    due: missing.due ?? wrongAt(problem, 'dueAt'),
    member: missing.memberId ?? wrongAt(problem, 'memberId'),
  });
  return { who, due, setDue, check, wrongs };
}
