import { useState } from 'react';
import { api, type Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { formatWord } from '../ui/format.ts';
import { purposes } from './choices.ts';
import { Choice, MemberLine, When } from './Fields.tsx';
import { RecordForm } from './RecordForm.tsx';
import type { Recording } from './recordings.ts';
import { useOwed } from './useOwed.ts';
import { useSubmission, wrongAt } from './useSubmission.ts';

const say = texts.record;
type Purpose = Shapes['ScheduleFollowUp']['purpose'];

export function FollowUp({ customerId, close, recorded }: Recording) {
  const owed = useOwed();
  const [purpose, setPurpose] = useState<Purpose>('check_satisfaction');
  const { submit, busy, problem } = useSubmission((answer) => {
    owed.who.keep();
    recorded(say.followUp, answer);
  });
  function send() {
    const both = owed.check();
    if (both === null) return;
    void submit({ purpose, ...both }, (body, key) =>
      api.POST('/v1/customers/{customerId}/follow-ups', {
        body,
        params: { path: { customerId }, header: { 'Idempotency-Key': key } },
      }),
    );
  }
  const wrongs = owed.wrongs(problem);
  const member = <MemberLine of={owed.who} wrong={wrongs.member} />;
  return (
    <RecordForm
      title={say.titles.followUp}
      close={close}
      send={send}
      busy={busy}
      problem={problem}
      fields={['purpose', 'dueAt', 'memberId']}
    >
      {owed.who.unknown && member}
      <div className="pair">
        <Choice
          label={say.purpose}
          value={purpose}
          change={(value) => setPurpose(value as Purpose)}
          options={purposes.map((word) => [word, formatWord(word)])}
          wrong={wrongAt(problem, 'purpose')}
        />
        <When label={say.due} value={owed.due} change={owed.setDue} wrong={wrongs.due} />
      </div>
      {!owed.who.unknown && member}
    </RecordForm>
  );
}
