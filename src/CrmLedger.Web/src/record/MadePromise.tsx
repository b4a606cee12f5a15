import { useState } from 'react';
import { api } from '../api/client.ts';
import { texts } from '../texts.ts';
import { fromField, tomorrowEvening } from './due.ts';
import { MemberLine, useMember, When, Words } from './Fields.tsx';
import { RecordForm } from './RecordForm.tsx';
import type { Recording } from './recordings.ts';
import { useSubmission, wrongAt } from './useSubmission.ts';

const say = texts.record;

export function MadePromise({ customerId, close, recorded }: Recording) {
  const who = useMember();
  const [kind, setKind] = useState('');
  const [conditions, setConditions] = useState('');
  const [due, setDue] = useState(() => tomorrowEvening(new Date()));
  const [missing, setMissing] = useState<{ due?: string; memberId?: string }>({});
  const { submit, busy, problem } = useSubmission((answer) => {
    who.keep();
    recorded(say.promise, answer);
  });
  function send() {
    const dueAt = fromField(due);
    const { member } = who;
    setMissing({
      ...(dueAt === null ? { due: say.dueInvalid } : {}),
      ...(member === null ? { memberId: say.memberMissing } : {}),
    });
    if (dueAt === null || member === null) return;
    void submit({ kind: kind.trim(), conditions: conditions.trim(), dueAt, memberId: member.memberId }, (body, key) =>
      api.POST('/v1/customers/{customerId}/promises', {
        body,
        params: { path: { customerId }, header: { 'Idempotency-Key': key } },
      }),
    );
  }
  const member = <MemberLine of={who} wrong={missing.memberId ?? wrongAt(problem, 'memberId')} />;
  return (
    <RecordForm
      title={say.titles.promise}
      close={close}
      send={send}
      busy={busy}
      problem={problem}
      fields={['kind', 'conditions', 'dueAt', 'memberId']}
    >
      {who.unknown && member}
      <Words
        label={say.kind}
        hint={say.kindHint}
        value={kind}
        change={setKind}
        most={100}
        wrong={wrongAt(problem, 'kind')}
      />
      <Words
        long
        label={say.conditions}
        value={conditions}
        change={setConditions}
        most={4_000}
        wrong={wrongAt(problem, 'conditions')}
      />
      <When label={say.due} value={due} change={setDue} wrong={missing.due ?? wrongAt(problem, 'dueAt')} />
      {!who.unknown && member}
    </RecordForm>
  );
}
