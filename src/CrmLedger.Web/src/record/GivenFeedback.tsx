import { useState } from 'react';
import { api, type Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Field } from '../ui/Field.tsx';
import { feedbackKinds, scales } from './choices.ts';
import { Choice, MemberLine, useMember, Words } from './Fields.tsx';
import { RecordForm } from './RecordForm.tsx';
import type { Recording } from './recordings.ts';
import { filled, useSubmission, wrongAt } from './useSubmission.ts';

const say = texts.record;
type Kind = Shapes['ReceiveFeedback']['kind'];

export function GivenFeedback({ customerId, close, recorded }: Recording) {
  const who = useMember();
  const [kind, setKind] = useState<Kind>('csat');
  const [score, setScore] = useState('');
  const [comment, setComment] = useState('');
  const { submit, busy, problem } = useSubmission((answer) => {
    who.keep();
    recorded(say.feedback, answer);
  });
  const scale = scales[kind];
  function send() {
    const body = {
      kind,
      ...filled('comment', comment),
      ...(scale !== null && score.trim() !== '' ? { score: Number(score) } : {}),
      ...(who.member === null ? {} : { memberId: who.member.memberId }),
    };
    void submit(body, (sent, key) =>
      api.POST('/v1/customers/{customerId}/feedback', {
        body: sent,
        params: { path: { customerId }, header: { 'Idempotency-Key': key } },
      }),
    );
  }
  return (
    <RecordForm
      title={say.titles.feedback}
      close={close}
      send={send}
      busy={busy}
      problem={problem}
      fields={['kind', ...(scale === null ? [] : ['score']), 'comment', 'memberId']}
    >
      <div className="pair">
        <Choice
          label={say.kind}
          value={kind}
          change={(value) => setKind(value as Kind)}
          options={feedbackKinds.map((word) => [word, word === 'comment' ? say.comment : word.toUpperCase()])}
          wrong={wrongAt(problem, 'kind')}
        />
        {scale !== null && (
          <Field label={say.score} hint={say.scoreHint(scale[0], scale[1])} wrong={wrongAt(problem, 'score')}>
            {(control) => (
              <input
                {...control}
                className="input"
                type="number"
                inputMode="numeric"
                min={scale[0]}
                max={scale[1]}
                value={score}
                onChange={(event) => setScore(event.target.value)}
              />
            )}
          </Field>
        )}
      </div>
      <Words
        long
        label={say.comment}
        hint={say.optional}
        value={comment}
        change={setComment}
        most={4_000}
        wrong={wrongAt(problem, 'comment')}
      />
      <MemberLine of={who} wrong={wrongAt(problem, 'memberId')} />
    </RecordForm>
  );
}
