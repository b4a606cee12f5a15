import { useState } from 'react';
import { api } from '../api/client.ts';
import { texts } from '../texts.ts';
import { MemberLine, When, Words } from './Fields.tsx';
import { RecordForm } from './RecordForm.tsx';
import type { Recording } from './recordings.ts';
import { useOwed } from './useOwed.ts';
import { useSubmission, wrongAt } from './useSubmission.ts';

const say = texts.record;

export function MadePromise({ customerId, close, recorded }: Recording) {
  const owed = useOwed();
  const [kind, setKind] = useState('');
  const [conditions, setConditions] = useState('');
  const { submit, busy, problem } = useSubmission((answer) => {
    owed.who.keep();
    recorded(say.promise, answer);
  });
  function send() {
    const both = owed.check();
    if (both === null) return;
    void submit({ kind: kind.trim(), conditions: conditions.trim(), ...both }, (body, key) =>
      api.POST('/v1/customers/{customerId}/promises', {
        body,
        params: { path: { customerId }, header: { 'Idempotency-Key': key } },
      }),
    );
  }
  const wrongs = owed.wrongs(problem);
  const member = <MemberLine of={owed.who} wrong={wrongs.member} />;
  return (
    <RecordForm
      title={say.titles.promise}
      close={close}
      send={send}
      busy={busy}
      problem={problem}
      fields={['kind', 'conditions', 'dueAt', 'memberId']}
    >
      {owed.who.unknown && member}
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
      <When label={say.due} value={owed.due} change={owed.setDue} wrong={wrongs.due} />
      {!owed.who.unknown && member}
    </RecordForm>
  );
}
