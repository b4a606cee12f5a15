import { useState } from 'react';
import { api, type Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { formatWord } from '../ui/format.ts';
import { purposes } from './choices.ts';
import { fromField, tomorrowEvening } from './due.ts';
import { Choice, MemberLine, useMember, When } from './Fields.tsx';
import { RecordForm } from './RecordForm.tsx';
import type { Recording } from './recordings.ts';
import { useSubmission, wrongAt } from './useSubmission.ts';

const say = texts.record;
type Purpose = Shapes['ScheduleFollowUp']['purpose'];

export function FollowUp({ customerId, close, recorded }: Recording) {
  const who = useMember();
  const [purpose, setPurpose] = useState<Purpose>('check_satisfaction');
  const [due, setDue] = useState(() => tomorrowEvening(new Date()));
  const [missing, setMissing] = useState<{ due?: string; memberId?: string }>({});
  const { submit, busy, problem } = useSubmission((answer) => {
    who.keep();
    recorded(say.followUp, answer);
  });
  function send() {
    const dueAt = fromField(due);
    const { member } = who;
    setMissing({
      ...(dueAt === null ? { due: say.dueInvalid } : {}),
      ...(member === null ? { memberId: say.memberMissing } : {}),
    });
    if (dueAt === null || member === null) return;
    void submit({ purpose, dueAt, memberId: member.memberId }, (body, key) =>
      api.POST('/v1/customers/{customerId}/follow-ups', {
        body,
        params: { path: { customerId }, header: { 'Idempotency-Key': key } },
      }),
    );
  }
  const member = <MemberLine of={who} wrong={missing.memberId ?? wrongAt(problem, 'memberId')} />;
  return (
    <RecordForm
      title={say.titles.followUp}
      close={close}
      send={send}
      busy={busy}
      problem={problem}
      fields={['purpose', 'dueAt', 'memberId']}
    >
      {who.unknown && member}
      <div className="pair">
        <Choice
          label={say.purpose}
          value={purpose}
          change={(value) => setPurpose(value as Purpose)}
          options={purposes.map((word) => [word, formatWord(word)])}
          wrong={wrongAt(problem, 'purpose')}
        />
        <When label={say.due} value={due} change={setDue} wrong={missing.due ?? wrongAt(problem, 'dueAt')} />
      </div>
      {!who.unknown && member}
    </RecordForm>
  );
}
