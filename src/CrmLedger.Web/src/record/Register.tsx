import { useState } from 'react';
import { useLocation } from 'wouter';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { texts } from '../texts.ts';
import { toast } from '../ui/Toast.tsx';
import { Words } from './Fields.tsx';
import { RecordForm } from './RecordForm.tsx';
import { filled, useSubmission, wrongAt } from './useSubmission.ts';

const say = texts.record;

/** Registers a customer and opens him. */
export function Register({ close }: { close: () => void }) {
  const [, go] = useLocation();
  const known = useQueryClient();
  const [name, setName] = useState('');
  const [reference, setReference] = useState('');
  const [segment, setSegment] = useState('');
  const { submit, busy, problem } = useSubmission((answer) => {
    void known.invalidateQueries({ queryKey: ['customers'] });
    toast(say.recorded(texts.customers.name));
    // The page asks for what the ledger knew at this position, or later.
    go(`/customers/${answer.ids['customerId']}`, { state: { atLeast: answer.position } });
  });
  const send = () =>
    void submit({ name: name.trim(), ...filled('reference', reference), ...filled('segment', segment) }, (body, key) =>
      api.POST('/v1/customers', { body, params: { header: { 'Idempotency-Key': key } } }),
    );
  return (
    <RecordForm
      title={say.titles.register}
      close={close}
      send={send}
      busy={busy}
      problem={problem}
      fields={['name', 'reference', 'segment']}
    >
      <Words label={say.name} value={name} change={setName} most={200} wrong={wrongAt(problem, 'name')} />
      <Words
        label={say.reference}
        value={reference}
        change={setReference}
        most={200}
        hint={say.referenceHint}
        wrong={wrongAt(problem, 'reference')}
      />
      <Words label={say.segment} value={segment} change={setSegment} most={100} wrong={wrongAt(problem, 'segment')} />
    </RecordForm>
  );
}
