import { useState, type FormEvent } from 'react';
import { api, problemOf } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Field } from '../ui/Field.tsx';
import { keepKey, signedOut } from './key.ts';

const shape = /^crm_[a-z0-9-]+_[0-9a-f]{16}_[\w-]+$/;

/** Asks for an API key and looks whether the ledger takes it, before anything is shown. */
export function SignIn() {
  const [key, setKey] = useState('');
  const [stays, setStays] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function enter(event: FormEvent) {
    event.preventDefault();
    const given = key.trim();
    if (!shape.test(given)) {
      setWrong(texts.signIn.form);
      return;
    }
    setBusy(true);
    setWrong(null);
    try {
      const { error } = await api.GET('/v1/whoami', { headers: { authorization: `Bearer ${given}` } });
      if (error !== undefined) throw error;
      keepKey(given, stays);
    } catch (thrown) {
      const problem = problemOf(thrown);
      setWrong(problem.status === 401 ? texts.signIn.wrong : (problem.detail ?? texts.signIn.silent));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="sign-in">
      <form className="card" onSubmit={(event) => void enter(event)} noValidate>
        <div className="brand">
          <img src="/icon.svg" alt="" />
          {texts.product}
        </div>
        <div>
          <h1>{texts.signIn.title}</h1>
          <p className="muted">{texts.signIn.lead}</p>
        </div>
        {signedOut() === 'refused' && (
          <p className="callout warn" role="alert">
            {texts.signIn.refused}
          </p>
        )}
        <Field label={texts.signIn.key} hint={texts.signIn.hint} wrong={wrong}>
          {(control) => (
            <input
              {...control}
              className="input"
              type="password"
              autoComplete="current-password"
              autoFocus
              spellCheck={false}
              value={key}
              onChange={(event) => setKey(event.target.value)}
            />
          )}
        </Field>
        <label className="row">
          <input type="checkbox" checked={stays} onChange={(event) => setStays(event.target.checked)} />
          {texts.signIn.keep}
        </label>
        <button className="button primary" disabled={busy}>
          {busy ? texts.signIn.entering : texts.signIn.enter}
        </button>
      </form>
    </main>
  );
}
