import { useState, type FormEvent } from 'react';
import { Link, useLocation } from 'wouter';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { useAddress } from '../ui/address.ts';
import { Field } from '../ui/Field.tsx';
import { Answered, Empty } from '../ui/States.tsx';
import { useFound } from './questions.ts';

const words = texts.replay;
const isWhole = /^(ref:.+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** Finds the customer to replay; an id or a whole reference leads there at once. */
export function ChooseCustomer() {
  const [{ find }, change] = useAddress({ find: '' });
  const [text, setText] = useState(find);
  const [, go] = useLocation();
  const found = useFound(find);

  function submit(event: FormEvent) {
    event.preventDefault();
    const given = text.trim();
    if (isWhole.test(given)) go(`/replay/${encodeURIComponent(given)}`);
    else change({ find: given });
  }

  return (
    <Card title={words.choose}>
      <form className="choose" onSubmit={submit} role="search">
        <Field label={words.find} hint={words.findHint}>
          {(control) => (
            <input
              {...control}
              className="input"
              type="search"
              value={text}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <button className="button primary">{words.open}</button>
      </form>
      {find.length > 0 && (
        <Answered to={found} height={80} empty={(who) => (who.length === 0 ? <Empty title={words.nobody} /> : null)}>
          {(who) => (
            <ul className="found">
              {who.map(({ customerId, name, reference }) => (
                <li key={customerId}>
                  <Link href={`/replay/${customerId}`}>{name}</Link> <span className="muted">{reference}</span>
                </li>
              ))}
            </ul>
          )}
        </Answered>
      )}
    </Card>
  );
}
