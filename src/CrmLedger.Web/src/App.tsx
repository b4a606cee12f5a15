import { Redirect, Route, Router, Switch } from 'wouter';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ledger } from './api/client.ts';
import {
  Behind,
  Customer,
  Customers,
  pagesOf,
  PromisePage,
  PromisesKept,
  ProofPage,
  Replay,
  Today,
} from './layout/pages.ts';
import { Shell } from './layout/Shell.tsx';
import { CallerContext, useCaller } from './session/caller.ts';
import { useKey } from './session/key.ts';
import { SignIn } from './session/SignIn.tsx';
import { texts } from './texts.ts';
import { useLocationAsItIs } from './ui/parts.ts';
import { Answered, Empty } from './ui/States.tsx';

/** Sign-in, and behind it the pages. Where somebody was stays in the address while he signs in again. */
export function App() {
  const key = useKey();
  const known = useQueryClient();
  useEffect(() => {
    if (key === null) known.clear(); // nothing of what one saw is there for the next
  }, [key, known]);
  return key === null ? <SignIn /> : <SignedIn key={key} />;
}

function SignedIn() {
  const caller = ledger.useQuery('get', '/v1/whoami', {}, { staleTime: Infinity });
  return (
    <Answered to={caller}>
      {(who) => (
        <CallerContext value={who}>
          <Router hook={useLocationAsItIs}>
            <Shell>
              <Pages />
            </Shell>
          </Router>
        </CallerContext>
      )}
    </Answered>
  );
}

function Pages() {
  const first = pagesOf(useCaller())[0];
  if (first === undefined) return <Empty title={texts.states.notAllowed} />;
  return (
    <Switch>
      <Route path="/">
        <Redirect to={first.path} replace />
      </Route>
      <Route path="/promises">
        <PromisesKept />
      </Route>
      <Route path="/promises/behind">
        <Behind />
      </Route>
      <Route path="/today">
        <Today />
      </Route>
      <Route path="/customers">
        <Customers />
      </Route>
      <Route path="/customers/:customerId">
        <Customer />
      </Route>
      <Route path="/customers/:customerId/promises/:promiseId">
        <PromisePage />
      </Route>
      <Route path="/replay/:customerId?">
        <Replay />
      </Route>
      <Route path="/events/:eventId">
        <ProofPage />
      </Route>
      <Route>
        <h1 className="hidden-but-read">{texts.states.notFound}</h1>
        <Empty title={texts.states.notFound}>
          <a className="button" href="/">
            {texts.states.home}
          </a>
        </Empty>
      </Route>
    </Switch>
  );
}
