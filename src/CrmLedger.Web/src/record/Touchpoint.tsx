import { useState } from 'react';
import { api, type Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { formatWord } from '../ui/format.ts';
import { Choice, MemberLine, useMember, Words } from './Fields.tsx';
import { channels, tones } from './choices.ts';
import { RecordForm } from './RecordForm.tsx';
import { filled, useSubmission, wrongAt } from './useSubmission.ts';
import type { Recording } from './recordings.ts';

const say = texts.record;
type Body = Shapes['RecordTouchpoint'];

export function Touchpoint({ customerId, close, recorded }: Recording) {
  const who = useMember();
  const [summary, setSummary] = useState('');
  const [channel, setChannel] = useState<Body['channel']>('phone');
  const [direction, setDirection] = useState<Body['direction']>('outbound');
  const [tone, setTone] = useState('');
  const [missing, setMissing] = useState<string | null>(null);
  const { submit, busy, problem } = useSubmission((answer) => {
    who.keep();
    recorded(say.touchpoint, answer);
  });
  function send() {
    if (who.member === null) {
      setMissing(say.memberMissing);
      return;
    }
    setMissing(null);
    const body: Body = {
      channel,
      direction,
      memberId: who.member.memberId,
      ...filled('summary', summary),
      ...(tone === '' ? {} : { tone: tone as NonNullable<Body['tone']> }),
    };
    void submit(body, (sent, key) =>
      api.POST('/v1/customers/{customerId}/touchpoints', {
        body: sent,
        params: { path: { customerId }, header: { 'Idempotency-Key': key } },
      }),
    );
  }
  const member = <MemberLine of={who} wrong={missing ?? wrongAt(problem, 'memberId')} />;
  return (
    <RecordForm
      title={say.titles.touchpoint}
      close={close}
      send={send}
      busy={busy}
      problem={problem}
      fields={['summary', 'channel', 'direction', 'tone', 'memberId']}
    >
      {who.unknown && member}
      <Words
        long
        label={say.summary}
        hint={say.optional}
        value={summary}
        change={setSummary}
        most={4_000}
        wrong={wrongAt(problem, 'summary')}
      />
      <div className="pair">
        <Choice
          label={say.channel}
          value={channel}
          change={(value) => setChannel(value as Body['channel'])}
          options={channels.map((word) => [word, formatWord(word)])}
          wrong={wrongAt(problem, 'channel')}
        />
        <Choice
          label={say.direction}
          value={direction}
          change={(value) => setDirection(value as Body['direction'])}
          options={[
            ['outbound', say.outbound],
            ['inbound', say.inbound],
          ]}
          wrong={wrongAt(problem, 'direction')}
        />
      </div>
      <Choice
        label={say.tone}
        value={tone}
        change={setTone}
        options={[['', say.noTone], ...tones.map((word) => [word, formatWord(word)] as const)]}
        wrong={wrongAt(problem, 'tone')}
      />
      {!who.unknown && member}
    </RecordForm>
  );
}
